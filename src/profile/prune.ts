import { mapStacks } from './filter.ts'
import { ProfileError } from './profile-error.ts'
import type { Profile } from './profile.ts'
import { type Expression, goRegExp } from './regexp.ts'

/**
 * Cuts off the frames that the profile itself calls uninteresting (`drop_frames`, `keep_frames`), as
 * google/pprof's `RemoveUninteresting`: the matching frame and everything that it called go, except
 * above the first frame from the root that does not match. Go writes no such expressions.
 *
 * An expression that is mistaken drops nothing, as in pprof: it is no mistake of the reader's.
 */
export async function withoutDroppedFrames(profile: Profile): Promise<Profile> {
  const expressions = await dropAndKeep(profile)
  return expressions === undefined ? profile : pruned(profile, expressions)
}

interface DropAndKeep {
  readonly drop: Expression
  readonly keep: Expression | undefined
}

async function dropAndKeep({ dropFrames, keepFrames }: Profile): Promise<DropAndKeep | undefined> {
  if (dropFrames === '') return undefined
  try {
    return {
      drop: await goRegExp(`^(${dropFrames})$`, 'drop_frames'),
      keep: keepFrames === '' ? undefined : await goRegExp(`^(${keepFrames})$`, 'keep_frames'),
    }
  } catch (error) {
    if (error instanceof ProfileError) return undefined
    throw error
  }
}

function pruned(profile: Profile, { drop, keep }: DropAndKeep): Profile {
  const dropped = profile.functions.map(({ name }) => {
    const simplified = withoutArguments(name)
    return name !== '' && drop.test(simplified) && keep?.test(simplified) !== true
  })

  const { locations } = profile
  // Lines from here on stay; a location without a dropped line keeps all.
  const firstKept = locations.lineStart.slice(0, locations.count)
  const hasDropped = new Uint8Array(locations.count)
  for (let location = 0; location < locations.count; location++) {
    const start = locations.lineStart[location] ?? 0
    for (let line = (locations.lineStart[location + 1] ?? 0) - 1; line >= start; line--) {
      if (dropped[locations.lineFunction[line] ?? 0] !== true) continue
      hasDropped[location] = 1
      firstKept[location] = line + 1
      break
    }
  }
  const isWholly = (location: number): boolean =>
    hasDropped[location] === 1 && firstKept[location] === locations.lineStart[location + 1]

  const cut = (stack: Uint32Array): Uint32Array => {
    let foundUser = false
    for (let at = stack.length - 1; at >= 0; at--) {
      const location = stack[at] ?? 0
      if (hasDropped[location] === 0) foundUser = true
      else if (foundUser) return stack.subarray(isWholly(location) ? at + 1 : at)
    }
    return stack
  }
  return withLinesFrom(mapStacks(profile, cut), (location) =>
    isWholly(location) ? (locations.lineStart[location] ?? 0) : (firstKept[location] ?? 0),
  )
}

function withLinesFrom(profile: Profile, firstLine: (location: number) => number): Profile {
  const { locations } = profile
  const lines: number[] = []
  const lineStart = new Uint32Array(locations.count + 1)
  for (let location = 0; location < locations.count; location++) {
    const end = locations.lineStart[location + 1] ?? 0
    for (let line = firstLine(location); line < end; line++) lines.push(line)
    lineStart[location + 1] = lines.length
  }
  return {
    ...profile,
    locations: {
      ...locations,
      lineStart,
      lineFunction: Uint32Array.from(lines, (line) => locations.lineFunction[line] ?? 0),
      lineNumber: Float64Array.from(lines, (line) => locations.lineNumber[line] ?? 0),
      lineColumn: Float64Array.from(lines, (line) => locations.lineColumn[line] ?? 0),
    },
  }
}

const RESERVED = ['(anonymous namespace)', 'operator()']

/** The name up to its argument list; `(` in the reserved names of C++ does not begin one. */
function withoutArguments(name: string): string {
  const text = name.replace(/^\./, '')
  for (let at = 0; at < text.length;) {
    const reserved = RESERVED.find((word) => text.startsWith(word, at))
    if (reserved !== undefined) at += reserved.length
    else if (text[at] === '(') return text.slice(0, at)
    else at += 1
  }
  return text
}
