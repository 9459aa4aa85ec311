import { formatBytes } from '../units/bytes.ts'
import { formatCount, plural } from '../units/count.ts'
import { type Budgets, readBudgets } from './budgets.ts'
import type {
  BrokenMeasurement,
  CompleteMeasurement,
  LoadFacts,
  Measurement,
} from './measurement.ts'
import { growthByPlace, perRequest } from './places.ts'
import {
  type BudgetReading,
  type InvalidResult,
  type JudgedResult,
  type Place,
  type Result,
  RESULT_SCHEMA,
  type Retained,
  type RoundGrowth,
} from './result.ts'

/**
 * Judges a measurement by budgets: a pure function, so that a recorded measurement can be judged
 * again. Totals are the runtime's exact counters, places come from the sampled profile.
 *
 * A run that did not exercise the service never passes: it is `invalid`, and says why.
 */
export function judge(measurement: Measurement, budgets: Budgets): Result {
  if (measurement.kind === 'broken') {
    return invalid(measurement, measurement.failure.message, measurement.failure.hint)
  }
  const load = totalLoad(measurement)
  const retained = readRetained(measurement, load.answered)
  const readings = readBudgets(budgets, retained)
  const growth = growthByPlace(measurement.growth, load.answered)
  const over = readings.filter(({ state }) => state === 'over')

  const refusal = whyNotJudged(measurement, load, over)
  if (refusal !== undefined) return invalid(measurement, refusal.reason, refusal.hint)

  return {
    schema: RESULT_SCHEMA,
    verdict: over.length === 0 ? 'pass' : 'fail',
    reason: over.length === 0 ? passReason(retained, readings) : failReason(retained, over, growth),
    notes: notesOn(measurement),
    retained,
    budgets: [...readings],
    growth: [...growth],
    rounds: readRounds(measurement),
    measurement,
  } satisfies JudgedResult
}

function invalid(
  measurement: BrokenMeasurement | CompleteMeasurement,
  reason: string,
  hint: string | undefined,
): InvalidResult {
  return {
    schema: RESULT_SCHEMA,
    verdict: 'invalid',
    reason,
    ...(hint === undefined ? {} : { hint }),
    notes: [],
    retained: null,
    budgets: [],
    growth: [],
    rounds: [],
    measurement,
  }
}

interface Refusal {
  readonly reason: string
  readonly hint: string
}

function whyNotJudged(
  { rounds, setup }: CompleteMeasurement,
  load: LoadFacts,
  over: readonly BudgetReading[],
): Refusal | undefined {
  const sent = load.answered + load.unanswered
  if (load.answered === 0) {
    return {
      reason: `None of ${plural(sent, 'request')} was answered, so nothing was measured.`,
      hint: 'Look at url and requests, and at the service’s log.',
    }
  }
  const errorRate = load.failed / sent
  if (errorRate > setup.maxErrorRate) {
    return {
      reason: `${formatCount(load.failed)} of ${plural(sent, 'request')} failed (${percent(errorRate)}): more than max-error-rate allows (${percent(setup.maxErrorRate)}).`,
      hint: `Answers by status: ${statuses(load)}. Look at requests, and at the service’s log.`,
    }
  }
  if (over.length === 0 && rounds.some((round) => round.load.cut === 'memory-guard')) {
    return {
      reason: `memory-guard (${formatBytes(setup.memoryGuard)}) stopped the load after ${plural(load.answered, 'request')}, before the heap grew over a budget.`,
      hint: 'Raise memory-guard if the service needs that much memory to work.',
    }
  }
  return undefined
}

function statuses(load: LoadFacts): string {
  const counts = Object.entries(load.statuses).map(
    ([status, count]) => `${formatCount(count)} × ${status}`,
  )
  const unanswered = load.unanswered === 0 ? [] : [`${formatCount(load.unanswered)} without answer`]
  return [...counts, ...unanswered].join(', ')
}

/** The load of all measured rounds as one. */
export function totalLoad({ rounds }: CompleteMeasurement): LoadFacts {
  const total = (pick: (load: LoadFacts) => number): number =>
    rounds.reduce((sum, round) => sum + pick(round.load), 0)
  const byStatus: Record<string, number> = {}
  for (const { load } of rounds) {
    for (const [status, count] of Object.entries(load.statuses)) {
      byStatus[status] = (byStatus[status] ?? 0) + count
    }
  }
  return {
    asked: total((load) => load.asked),
    answered: total((load) => load.answered),
    unanswered: total((load) => load.unanswered),
    failed: total((load) => load.failed),
    statuses: byStatus,
    durationMs: total((load) => load.durationMs),
  }
}

function readRetained({ baseline, rounds }: CompleteMeasurement, requests: number): Retained {
  const last = rounds.at(-1)?.snapshot ?? baseline
  const bytes = last.heapAlloc - baseline.heapAlloc
  const objects = last.heapObjects - baseline.heapObjects
  return {
    bytes,
    bytesPerRequest: perRequest(bytes, requests),
    objects,
    objectsPerRequest: perRequest(objects, requests),
    requests,
    inuseSpace: last.inuseSpace - baseline.inuseSpace,
    goroutines: last.goroutines - baseline.goroutines,
  }
}

function readRounds({ baseline, rounds }: CompleteMeasurement): RoundGrowth[] {
  return rounds.map(({ load, snapshot }, index) => {
    const before = rounds[index - 1]?.snapshot ?? baseline
    return {
      requests: load.answered,
      retainedBytes: snapshot.heapAlloc - before.heapAlloc,
      retainedObjects: snapshot.heapObjects - before.heapObjects,
      inuseSpace: snapshot.inuseSpace - before.inuseSpace,
      goroutines: snapshot.goroutines - before.goroutines,
    }
  })
}

function failReason(
  retained: Retained,
  over: readonly BudgetReading[],
  growth: readonly Place[],
): string {
  const limits = over
    .map((reading) => `${reading.name} allows ${budgetLimit(reading)}`)
    .join(' and ')
  const goroutinesOnly = over.every(({ unit }) => unit === 'goroutines')
  const kept = goroutinesOnly
    ? `The service gained ${plural(retained.goroutines, 'goroutine')} over ${plural(retained.requests, 'request')}`
    : `The service kept ${formatBytes(retained.bytes)} over ${plural(retained.requests, 'request')} (${formatBytes(Math.round(retained.bytesPerRequest))} per request)`
  const top = growth[0]
  const where =
    goroutinesOnly || top === undefined || top.retained.bytes <= 0
      ? ''
      : ` Most of it is kept by ${top.function}${top.path === undefined ? '' : ` (${top.path}:${top.line.toString()})`}.`
  return `${kept}; ${limits}.${where}`
}

function passReason(retained: Retained, readings: readonly BudgetReading[]): string {
  const limits = readings.map((reading) => `${reading.name} allows ${budgetLimit(reading)}`)
  const kept =
    retained.bytes > 0
      ? `kept ${formatBytes(retained.bytes)} over ${plural(retained.requests, 'request')}`
      : `kept nothing over ${plural(retained.requests, 'request')}`
  return `The service ${kept}; ${limits.join(' and ')}.`
}

const budgetLimit = ({ unit, limit }: BudgetReading): string =>
  unit === 'bytes' ? formatBytes(limit) : formatCount(limit)

const percent = (share: number): string => `${Number((share * 100).toPrecision(3)).toString()} %`

function notesOn(measurement: CompleteMeasurement): string[] {
  const { baseline, rounds, setup, baselineAt } = measurement
  const notes: string[] = []
  const asked = setup.memProfileRate
  if (baseline.period !== asked) {
    notes.push(
      `The heap profile samples every ${formatBytes(baseline.period)}, not every ${formatBytes(asked)} as mem-profile-rate asks: Go 1.17 to 1.19 ignore GODEBUG=memprofilerate, and a service can set runtime.MemProfileRate itself. The totals are exact all the same; the places are less sure.`,
    )
  }
  if (rounds.some(({ snapshot }) => snapshot.period !== baseline.period)) {
    notes.push(
      'The sampling rate of the heap profile changed during the run, so the places can’t be trusted. The totals are exact all the same.',
    )
  }
  if (baselineAt === 'before-warmup') {
    notes.push(
      `memory-guard (${formatBytes(setup.memoryGuard)}) stopped the load during the warm-up, so growth is counted from before it.`,
    )
  } else if (rounds.at(-1)?.load.cut === 'memory-guard') {
    notes.push(
      `memory-guard (${formatBytes(setup.memoryGuard)}) stopped the load early; the requests answered until then count.`,
    )
  }
  if ([baseline, ...rounds.map(({ snapshot }) => snapshot)].some(({ settled }) => !settled)) {
    notes.push(
      'The heap never came to rest between rounds: the service is at work without load, and the totals move with it.',
    )
  }
  return notes
}
