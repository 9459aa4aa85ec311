import type { Frame, StackGrowth } from './measurement.ts'
import { noiseRuleOf } from './noise-rules.ts'
import type { Amount, Place } from './result.ts'
import { changeOf } from './trend.ts'

/**
 * Growth from the first snapshot to the last, by place: a stack is told by its first frame, from
 * the leaf, that is code of the user's repository, for that is where it can be mended; a stack
 * without one is told by its leaf. The most retained comes first.
 *
 * `flat` and `cum` are pprof's: what the function allocated itself, and what was allocated in it
 * or below it, each stack counted once (shared reference: google/pprof `graph.New`).
 *
 * @param lasting the lines that kept more in every round, the most first: a place is told by its own
 */
export function growthByPlace(
  changed: readonly StackGrowth[],
  requests: number,
  lasting: readonly Frame[] = [],
): readonly Place[] {
  const flat = new Map<string, Amount>()
  const cum = new Map<string, Amount>()
  const stacksByPlace = new Map<string, StackGrowth[]>()

  for (const stack of changed) {
    const grown = growthOf(stack)
    const leaf = stack.frames[0]
    if (leaf === undefined) continue
    add(flat, leaf.function, grown)
    for (const name of new Set(stack.frames.map((frame) => frame.function))) add(cum, name, grown)
    const told = tellingFrame(stack).function
    stacksByPlace.set(told, [...(stacksByPlace.get(told) ?? []), stack])
  }

  const places = [...stacksByPlace].map(([name, stacks]): Place => {
    const retained = stacks.map(growthOf).reduce(sum, NOTHING)
    const largest = largestLine(stacks)
    const goesOn = lasting.find((line) => line.function === name)
    const frame = goesOn ?? tellingFrame(largest)
    const allocatedIn = largest.frames[0]?.function
    const noise = isOwn(frame) ? undefined : noiseRuleOf(largest)
    return {
      function: name,
      file: frame.file,
      line: frame.line,
      ...(frame.path === undefined ? {} : { path: frame.path }),
      own: isOwn(frame),
      ...(allocatedIn === undefined || allocatedIn === name ? {} : { allocatedIn }),
      ...(noise === undefined ? {} : { noise: noise.name }),
      retained,
      latelyBytes: stacks.reduce((bytes, stack) => bytes + latelyOf(stack), 0),
      ...(goesOn === undefined ? {} : { lasting: true }),
      bytesError: Math.hypot(...stacks.map(({ bytesError }) => bytesError)),
      bytesPerRequest: perRequest(retained.bytes, requests),
      objectsPerRequest: perRequest(retained.objects, requests),
      flat: flat.get(name) ?? NOTHING,
      cum: cum.get(name) ?? NOTHING,
    }
  })
  return places.sort(mostRetainedFirst)
}

function mostRetainedFirst(a: Place, b: Place): number {
  const ahead = b.retained.bytes - a.retained.bytes
  return ahead === 0 ? a.function.localeCompare(b.function) : ahead
}

/** The places that kept something. */
export function grownPlaces(places: readonly Place[]): readonly Place[] {
  return places.filter(({ retained }) => retained.bytes > 0)
}

/** Bytes that the places retained together. */
export function retainedBytes(places: readonly Place[]): number {
  return places.reduce((total, { retained }) => total + retained.bytes, 0)
}

/** An amount for each request, 0 when there were none. */
export function perRequest(amount: number, requests: number): number {
  return requests === 0 ? 0 : amount / requests
}

export const NOTHING: Amount = { bytes: 0, objects: 0 }

export const sum = (a: Amount, b: Amount): Amount => ({
  bytes: a.bytes + b.bytes,
  objects: a.objects + b.objects,
})

function add(amounts: Map<string, Amount>, name: string, grown: Amount): void {
  amounts.set(name, sum(amounts.get(name) ?? NOTHING, grown))
}

/** Growth of a stack from the first snapshot to the last. */
export function growthOf(stack: StackGrowth): Amount {
  return {
    bytes: changeOf(stack.bytes),
    objects: changeOf(stack.objects),
  }
}

/** Where the code of a frame or a place stands: `cart/cart.go:12`. */
export function lineOf({ path, file, line }: Pick<Frame, 'path' | 'file' | 'line'>): string {
  return `${path ?? file}:${line.toString()}`
}

/** Bytes that a stack gained in the last half of the rounds. */
function latelyOf({ bytes }: StackGrowth): number {
  return changeOf(bytes.slice(Math.floor((bytes.length - 1) / 2)))
}

/** Whether a frame is code of the user's repository, not a dependency kept inside it. */
export function isOwn(frame: Frame): boolean {
  return frame.path !== undefined && !/(^|\/)(vendor|pkg\/mod)\//.test(frame.path)
}

const NO_FRAME: Frame = { function: '(no frames)', file: '', line: 0 }

function tellingFrame(stack: StackGrowth): Frame {
  return stack.frames.find(isOwn) ?? stack.frames[0] ?? NO_FRAME
}

/** The largest stack of the line, among the lines of one place, that grew most. */
function largestLine(stacks: readonly StackGrowth[]): StackGrowth {
  const byLine = new Map<number, number>()
  for (const stack of stacks) {
    const { line } = tellingFrame(stack)
    byLine.set(line, (byLine.get(line) ?? 0) + growthOf(stack).bytes)
  }
  const rank = (stack: StackGrowth): number => byLine.get(tellingFrame(stack).line) ?? 0
  return stacks.reduce((best, stack) => {
    const ahead = rank(stack) - rank(best)
    return ahead > 0 || (ahead === 0 && growthOf(stack).bytes > growthOf(best).bytes) ? stack : best
  })
}
