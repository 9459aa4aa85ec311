import type { Locations, Profile } from './profile.ts'
import type { Expression } from './regexp.ts'
import { withSamples } from './scale.ts'

/** Which samples and frames count, by function name, file name or the mapping's file. */
export interface NameFilter {
  /** Keeps samples with a matching frame. */
  readonly focus?: Expression | undefined
  /** Drops samples with a matching frame. */
  readonly ignore?: Expression | undefined
  /** Takes matching frames out of the stacks. */
  readonly hide?: Expression | undefined
  /** Takes all other frames out of the stacks. */
  readonly show?: Expression | undefined
}

export type NameFilterKind = keyof NameFilter

/**
 * Filters samples as google/pprof's `FilterSamplesByName` does, and tells which expressions matched
 * no location at all.
 */
export function filterByName(
  profile: Profile,
  filter: NameFilter,
): { readonly profile: Profile; readonly unmatched: readonly NameFilterKind[] } {
  const { focus, ignore, hide, show } = filter
  if (focus === undefined && ignore === undefined && hide === undefined && show === undefined) {
    return { profile, unmatched: [] }
  }
  const { locations } = profile
  const matcher = new NameMatcher(profile)
  const matched = new Set<NameFilterKind>()
  const focused = new Uint8Array(locations.count)
  const ignored = new Uint8Array(locations.count)
  const emptied = new Uint8Array(locations.count)
  const kept = new LineSelection(locations)

  for (let location = 0; location < locations.count; location++) {
    if (ignore !== undefined && matcher.matches(location, ignore)) {
      matched.add('ignore')
      ignored[location] = 1
    } else if (focus === undefined || matcher.matches(location, focus)) {
      matched.add('focus')
      focused[location] = 1
    }
    if (hide !== undefined && matcher.matches(location, hide)) matched.add('hide')
    const byBinary = {
      hide: hide !== undefined && matcher.matchesBinary(location, hide),
      show: show !== undefined && matcher.matchesBinary(location, show),
    }
    const start = locations.lineStart[location] ?? 0
    const end = locations.lineStart[location + 1] ?? 0
    const before = kept.count
    for (let line = start; line < end; line++) {
      if (hide !== undefined && (byBinary.hide || matcher.matchesLine(line, hide))) continue
      if (show !== undefined && !byBinary.show && !matcher.matchesLine(line, show)) continue
      kept.add(line)
      if (show !== undefined) matched.add('show')
    }
    kept.endLocation()
    // A location that never had lines is an address: only its binary can hide it.
    const hadSome = start < end || show !== undefined || byBinary.hide
    if (hadSome && kept.count === before) emptied[location] = 1
  }

  const selected = withSamples(profile, (sample) => isSelected(profile, sample, focused, ignored))
  const lines = kept.locations()
  return {
    profile: { ...withoutEmptied(selected, emptied), locations: lines },
    unmatched: (['focus', 'ignore', 'hide', 'show'] as const).filter(
      (kind) => filter[kind] !== undefined && !matched.has(kind),
    ),
  }
}

function isSelected(
  profile: Profile,
  sample: number,
  focused: Uint8Array,
  ignored: Uint8Array,
): boolean {
  const { samples } = profile
  let selected = false
  for (
    let at = samples.locationStart[sample] ?? 0;
    at < (samples.locationStart[sample + 1] ?? 0);
    at++
  ) {
    const location = samples.location[at] ?? 0
    if (ignored[location] === 1) return false
    if (focused[location] === 1) selected = true
  }
  return selected
}

/** Takes locations out of the stacks, and with them samples that have no others. */
function withoutEmptied(profile: Profile, emptied: Uint8Array): Profile {
  if (!emptied.includes(1)) return profile
  const left = mapStacks(profile, (stack) => stack.filter((location) => emptied[location] !== 1))
  const { locationStart } = left.samples
  return withSamples(left, (sample) => locationStart[sample] !== locationStart[sample + 1])
}

/** The profile with other stacks, which may be empty. */
export function mapStacks(profile: Profile, change: (stack: Uint32Array) => Uint32Array): Profile {
  const { samples } = profile
  const locationStart = new Uint32Array(samples.count + 1)
  const location = new Uint32Array(samples.location.length)
  let count = 0
  for (let sample = 0; sample < samples.count; sample++) {
    const stack = change(
      samples.location.subarray(samples.locationStart[sample], samples.locationStart[sample + 1]),
    )
    location.set(stack, count)
    count += stack.length
    locationStart[sample + 1] = count
  }
  return {
    ...profile,
    samples: { ...samples, locationStart, location: location.subarray(0, count) },
  }
}

const NO_BINARY = [{ file: '' }]

/** Matches locations and their lines; each function and mapping is matched once by an expression. */
class NameMatcher {
  private readonly profile: Profile
  private readonly functions = new Map<Expression, Int8Array>()
  private readonly mappings = new Map<Expression, readonly boolean[]>()

  constructor(profile: Profile) {
    this.profile = profile
  }

  matches(location: number, expression: Expression): boolean {
    const { lineStart } = this.profile.locations
    const end = lineStart[location + 1] ?? 0
    for (let line = lineStart[location] ?? 0; line < end; line++) {
      if (this.matchesLine(line, expression)) return true
    }
    return this.matchesBinary(location, expression)
  }

  matchesBinary(location: number, expression: Expression): boolean {
    const { mappings, locations } = this.profile
    let known = this.mappings.get(expression)
    if (known === undefined) {
      // Where there are no mappings pprof makes one up, without a file, for all locations.
      known = (mappings.length === 0 ? NO_BINARY : mappings).map(({ file }) =>
        expression.test(file),
      )
      this.mappings.set(expression, known)
    }
    return known[mappings.length === 0 ? 0 : (locations.mapping[location] ?? -1)] === true
  }

  matchesLine(line: number, expression: Expression): boolean {
    const index = this.profile.locations.lineFunction[line] ?? 0
    let known = this.functions.get(expression)
    if (known === undefined) {
      known = new Int8Array(this.profile.functions.length)
      this.functions.set(expression, known)
    }
    if (known[index] === 0) {
      const entry = this.profile.functions[index]
      const matches =
        entry !== undefined && (expression.test(entry.name) || expression.test(entry.filename))
      known[index] = matches ? 1 : -1
    }
    return known[index] === 1
  }
}

/** Collects the lines that stay in each location. */
class LineSelection {
  private readonly from: Locations
  private readonly lines: number[] = []
  private readonly lineStart: number[] = [0]

  constructor(from: Locations) {
    this.from = from
  }

  add(line: number): void {
    this.lines.push(line)
  }

  get count(): number {
    return this.lines.length
  }

  endLocation(): void {
    this.lineStart.push(this.lines.length)
  }

  locations(): Locations {
    const { from, lines } = this
    if (lines.length === from.lineFunction.length) return from
    return {
      ...from,
      lineStart: Uint32Array.from(this.lineStart),
      lineFunction: Uint32Array.from(lines, (line) => from.lineFunction[line] ?? 0),
      lineNumber: Float64Array.from(lines, (line) => from.lineNumber[line] ?? 0),
      lineColumn: Float64Array.from(lines, (line) => from.lineColumn[line] ?? 0),
    }
  }
}
