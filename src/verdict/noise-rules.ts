import { isInstrument } from './instrument-file.ts'
import type { StackGrowth } from './measurement.ts'

/**
 * Memory that Go's runtime, its pools and its connections keep whatever the service does. A rule
 * gives a name to such stacks, so that a report can fold them; none is ever left out of a total.
 * What was seen, and where: section 6 of the reference on heap profiles; docs/verdict.md.
 */
export interface NoiseRule {
  readonly name: string
  readonly reason: string
  readonly matches: (stack: StackGrowth) => boolean
}

const leafIs =
  (pattern: RegExp) =>
  ({ frames }: StackGrowth): boolean =>
    pattern.test(frames[0]?.function ?? '')

const anyIs =
  (pattern: RegExp) =>
  ({ frames }: StackGrowth): boolean =>
    frames.some((frame) => pattern.test(frame.function))

/** The first that matches names a stack. Only stacks without a frame of the user's are asked. */
export const NOISE_RULES: readonly NoiseRule[] = [
  {
    name: 'runtime',
    reason: 'goroutine and thread records, which the runtime keeps for reuse',
    matches: ({ frames }) => frames.every((frame) => frame.function.startsWith('runtime.')),
  },
  {
    name: 'instrument',
    reason: 'the file that heapgate compiled into the service to serve its profiles',
    matches: ({ frames }) => frames.some(isInstrument),
  },
  {
    name: 'profiler',
    reason: 'what net/http/pprof allocates to answer heapgate',
    matches: anyIs(/^(runtime\/pprof|net\/http\/pprof)\./),
  },
  {
    name: 'pools',
    reason: 'objects in a sync.Pool, which collections empty later',
    matches: anyIs(/^sync\.\(\*Pool\)\./),
  },
  {
    name: 'type caches',
    reason: 'tables that the standard library makes once for each type',
    matches: anyIs(/^(encoding\/json\.(typeFields|cachedTypeFields)|reflect\.|internal\/abi\.)/),
  },
  {
    name: 'connections',
    reason: 'buffers and records of connections that were open during a look',
    matches: (stack) =>
      leafIs(/^(bufio\.New|net\.|net\/http\.|net\/textproto\.|internal\/poll\.|context\.)/)(
        stack,
      ) && anyIs(/^net\/http\.\(\*(conn|Server)\)\./)(stack),
  },
]

/** The rule that names a stack as noise, if one does. */
export function noiseRuleOf(stack: StackGrowth): NoiseRule | undefined {
  return NOISE_RULES.find((rule) => rule.matches(stack))
}
