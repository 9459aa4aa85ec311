import { formatBytes } from '../units/bytes.ts'
import { plural } from '../units/count.ts'
import type { Budgets } from './budgets.ts'
import { culprit } from './culprit.ts'
import { gainedGoroutines } from './goroutine-growth.ts'
import type { Sifted } from './ignored.ts'
import type { CompleteMeasurement } from './measurement.ts'
import { lineOf } from './places.ts'
import type { BudgetReading, Place, Retained } from './result.ts'
import { changeOf, risesInEveryRound } from './trend.ts'

/** A profile and the counters may differ by this many standard errors, and by what is not sampled. */
const STANDARD_ERRORS = 3
const UNSAMPLED_BYTES = 64 * 1024
const UNSAMPLED_SHARE = 0.1
const OUTSIDE_GO_BYTES = 16 * 2 ** 20

/**
 * What a reader must know of a plateau that few large pieces make: a buffer or a map that doubles is
 * quiet for as long as all the load before it.
 */
export function plateauNotes(
  readings: readonly BudgetReading[],
  growth: readonly Place[],
): readonly string[] {
  const stopped = readings.some(({ unit, trend }) => unit === 'bytes' && trend === 'plateau')
  const top = culprit(growth)
  if (!stopped || top === undefined) return []
  const { bytes, objects } = top.retained
  if (bytes < LARGE_PIECE_BYTES * Math.max(1, objects)) return []
  return [
    `What ${top.function} kept is in few large pieces, as that of a buffer or a map that doubles, which is quiet for as long as all the load before it. Run it once with twice the rounds and the max-rounds: a leak keeps about twice as much then, a cache that is full does not.`,
  ]
}

/** Larger than what a request usually leaves behind. */
const LARGE_PIECE_BYTES = 64 * 1024

/** What a reader must know to trust the figures of a judged run. */
export function notesOn(
  measurement: CompleteMeasurement,
  retained: Retained,
  sifted: Sifted,
  budgets: Budgets,
): readonly string[] {
  return [
    ...rateNotes(measurement),
    ...guardNotes(measurement),
    ...restNotes(measurement),
    ...disagreementNotes(measurement, retained, sifted),
    ...ignoreNotes(sifted),
    ...outsideNotes(retained),
    ...(budgets.maxGoroutineGrowth === undefined ? goroutineNotes(measurement) : []),
    ...workerNotes(measurement),
    ...processNotes(measurement),
  ]
}

function rateNotes({ baseline, rounds, setup }: CompleteMeasurement): readonly string[] {
  const asked = setup.memProfileRate
  const why =
    setup.run === undefined
      ? 'heapgate did not start the service, so it could not ask'
      : 'Go 1.17 to 1.19 ignore GODEBUG=memprofilerate, and a service can set runtime.MemProfileRate itself'
  if (rounds.some(({ snapshot }) => snapshot.period !== baseline.period)) {
    return [
      'The sampling rate of the heap profile changed during the run, so it places nothing. The totals are exact all the same.',
    ]
  }
  if (baseline.period === asked) return []
  return [
    `The heap profile samples every ${formatBytes(baseline.period)}, not every ${formatBytes(asked)} as mem-profile-rate asks: ${why}. The totals are exact all the same; the places are less sure, and a leak that other memory hides from the total may be missed.`,
  ]
}

function guardNotes({ baselineAt, rounds, setup }: CompleteMeasurement): readonly string[] {
  const load = rounds.at(-1)?.load
  if (load?.cut !== 'memory-guard') return []
  const guard = `memory-guard (${formatBytes(setup.memoryGuard)})`
  const { cutAt = setup.memoryGuard } = load
  const at =
    cutAt < setup.memoryGuard
      ? `at ${formatBytes(cutAt)} resident: the machine or its control group has not much more`
      : `at that much resident memory`
  return [
    baselineAt === 'before-warmup'
      ? `${guard} stopped the load during the warm-up ${at}. Growth is counted from before it.`
      : `${guard} stopped the load early ${at}. The requests answered until then count.`,
  ]
}

function restNotes({ baseline, rounds }: CompleteMeasurement): readonly string[] {
  const restless = [baseline, ...rounds.map(({ snapshot }) => snapshot)].some(
    ({ settled }) => !settled,
  )
  return restless
    ? [
        'The heap never came to rest between rounds: the service is at work without load, and the totals move with it.',
      ]
    : []
}

function disagreementNotes(
  { baseline }: CompleteMeasurement,
  retained: Retained,
  { ignored }: Sifted,
): readonly string[] {
  if (ignored.some(({ stacks }) => stacks.length > 0)) return []
  const { bytes, inuseSpace, inuseSpaceError } = retained
  // A few samples tell too little of their own error: none would tell of none. What the error is if
  // the runtime is right has no such blind spot: S² (1 − p) / p is at most S times the rate.
  const errorIfRight = Math.sqrt(Math.abs(bytes) * baseline.period)
  const allowed =
    STANDARD_ERRORS * Math.max(inuseSpaceError, errorIfRight) +
    UNSAMPLED_BYTES +
    UNSAMPLED_SHARE * Math.abs(bytes)
  if (Math.abs(inuseSpace - bytes) <= allowed) return []
  return [
    `The profile places ${formatBytes(inuseSpace)} ± ${formatBytes(inuseSpaceError)} of growth, the runtime counts ${formatBytes(bytes)}: more apart than sampling explains. The total is the runtime’s; the places are less sure.`,
  ]
}

function ignoreNotes({ ignored }: Sifted): readonly string[] {
  return ignored
    .filter(({ stacks }) => stacks.length === 0)
    .map(({ rule }) => `ignore matches nothing that changed: ${rule.pattern}`)
}

function outsideNotes({ outsideGo }: Retained): readonly string[] {
  return outsideGo !== null && outsideGo > OUTSIDE_GO_BYTES
    ? [
        `Resident memory outside the Go runtime grew by ${formatBytes(outsideGo)} or more: memory of cgo or mmap, which no heap profile shows. max-rss-growth limits it.`,
      ]
    : []
}

/** Goroutines that no budget limits, and that came in every round. */
function goroutineNotes({
  baseline,
  rounds,
  coolDown,
  goroutines,
}: CompleteMeasurement): readonly string[] {
  const levels = [baseline, ...rounds.map(({ snapshot }) => snapshot)].map(
    (snapshot) => snapshot.goroutines,
  )
  const gained = changeOf(levels)
  const goesOn = risesInEveryRound(levels)
  const left = (coolDown?.snapshot.goroutines ?? Infinity) - baseline.goroutines
  const [most] = gainedGoroutines(goroutines).filter(({ path }) => path !== undefined)
  if (gained < NOTABLE_GOROUTINES || !goesOn || left < gained / 2 || most === undefined) return []
  return [
    `There were more goroutines after every round, ${plural(gained, 'goroutine')} in all, most of them at ${most.function} (${lineOf(most)}). If they don’t end by themselves they leak; max-goroutine-growth limits them.`,
  ]
}

/** Fewer are what a pool that is started on demand gains. */
const NOTABLE_GOROUTINES = 50

function workerNotes({ platform }: CompleteMeasurement): readonly string[] {
  const { programProcesses = 1 } = platform
  if (programProcesses < 2) return []
  return [
    `${programProcesses.toString()} processes run the service’s program, and the heap of one is measured: the one that answers at pprof-url. What the others keep shows in resident memory alone: measure with a single worker, or set max-rss-growth.`,
  ]
}

function processNotes({ watched }: CompleteMeasurement): readonly string[] {
  if (watched === undefined || watched.endedProcesses === 0) return []
  const { processes, endedProcesses } = watched
  return [
    `${endedProcesses.toString()} of the ${plural(processes, 'process')} that the service had when it was ready ended during the run. What they kept went with them.`,
  ]
}
