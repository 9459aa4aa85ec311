import { readBeneath } from './beneath.ts'
import { type Budgets, type FollowedBudget, followBudgets } from './budgets.ts'
import { gainedGoroutines } from './goroutine-growth.ts'
import { sift, type Sifted, sumOf } from './ignored.ts'
import type { CompleteMeasurement, LoadFacts, Measurement, Snapshot } from './measurement.ts'
import { heapBudgets, type LastingLine, lastingLines } from './lasting.ts'
import { notesOn, plateauNotes } from './notes.ts'
import { growthByPlace, growthOf, NOTHING, perRequest, sum } from './places.ts'
import { failReason, passReason, plateauReason, warnReason } from './reasons.ts'
import { whyRefused } from './refusals.ts'
import {
  type BudgetReading,
  type Ignored,
  type InvalidResult,
  type Result,
  RESULT_SCHEMA,
  type Retained,
  type RoundGrowth,
  type Verdict,
} from './result.ts'
import { readTrend, steadyRate } from './trend.ts'

/**
 * Judges a measurement by budgets: a pure function, so that a recorded measurement can be judged
 * again. Totals are the runtime's exact counters, places come from the sampled profile. How it
 * decides, and why: docs/verdict.md.
 *
 * A run that did not exercise the service never passes: it is `invalid`, and says why.
 */
export function judge(measurement: Measurement, budgets: Budgets): Result {
  if (measurement.kind === 'broken') {
    const { message, hint } = measurement.failure
    return invalid(measurement, message, hint)
  }
  const followed = followBudgets(budgets, measurement, measurement.setup)
  const sifted = sift(measurement.growth, budgets.ignore)
  const load = totalLoad(measurement)
  const retained = readRetained(measurement, followed, sifted)
  const lasting = lastingLines(sifted.counted.stacks, followed, measurement.coolDown)
  const readings = [
    ...followed.map((budget) =>
      withLaterGrowth(readBudget(budget, budgets, measurement), budget, lasting, measurement),
    ),
    ...readLeakedGoroutines(budgets, retained),
  ]
  const refusal = whyRefused({ measurement, load, followed, readings, budgets })
  if (refusal !== undefined) return invalid(measurement, refusal.reason, refusal.hint)

  const growth = growthByPlace(
    sifted.counted.stacks,
    load.answered,
    lasting.map(({ frame }) => frame),
  )
  const byBudgets = verdictOf(readings, budgets)
  const verdict = byBudgets === 'pass' && lasting.length > 0 ? 'warn' : byBudgets
  return {
    schema: RESULT_SCHEMA,
    verdict,
    reason: reasonOf(verdict, { readings, retained, growth, lasting, measurement }),
    notes: [...notesOn(measurement, retained, sifted, budgets), ...plateauNotes(readings, growth)],
    retained,
    budgets: readings,
    growth,
    ignored: sifted.ignored.map(readIgnored),
    goroutines: gainedGoroutines(measurement.goroutines),
    rounds: readRounds(measurement),
    measurement,
  }
}

function invalid(
  measurement: Measurement,
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
    ignored: [],
    goroutines: [],
    rounds: [],
    measurement,
  }
}

function readBudget(
  { name, unit, limit, perRequest, series, limits }: FollowedBudget,
  { warnAt }: Budgets,
  { rounds }: CompleteMeasurement,
): BudgetReading {
  const { levels } = series
  const growth = (levels.at(-1) ?? 0) - (levels[0] ?? 0)
  const requests = rounds.map(({ load }) => load.answered)
  const reading = readTrend(series, limits)
  const trend = reading.kind === 'known' ? reading.trend : reading.best
  const total = perRequest ? steadyRate(levels, requests, limits.noise) : growth
  const isOver = trend !== 'within'
  const share = growth / (limits.limit * Math.max(1, rounds.length / limits.rounds))
  const state = isOver ? 'over' : share >= warnAt && growth > 0 ? 'near' : 'within'
  return { name, unit, perRequest, limit, measured: total, state, trend }
}

/** A reading that is no leak, with what lines that go on beneath its total make of it. */
function withLaterGrowth(
  reading: BudgetReading,
  budget: FollowedBudget,
  lasting: readonly LastingLine[],
  { rounds }: CompleteMeasurement,
): BudgetReading {
  const isBeneath = lasting.length > 0 && heapBudgets([budget]).length > 0
  if (reading.trend === 'leak' || !isBeneath) return reading
  const levels = sumOf(lasting, (line) => line.levels)
  const beneath = readBeneath(budget.series, budget.limits, levels)
  if (beneath.kind !== 'leak') return reading
  const { bytes, start, afterRounds, toRounds } = beneath.growth
  const requests = rounds
    .slice(afterRounds, toRounds)
    .reduce((sum, { load }) => sum + load.answered, 0)
  return {
    ...reading,
    measured: budget.perRequest ? perRequest(bytes, requests) : bytes,
    state: 'over',
    trend: 'leak',
    later: { start, afterRounds, bytes, requests },
  }
}

/** Leaked goroutines are proved one by one, so there is no trend to follow. */
function readLeakedGoroutines(budgets: Budgets, retained: Retained): readonly BudgetReading[] {
  const { maxLeakedGoroutines: limit, warnAt } = budgets
  const measured = retained.leakedGoroutines
  if (limit === undefined || measured === null) return []
  const isOver = measured > limit
  return [
    {
      name: 'max-leaked-goroutines',
      unit: 'goroutines',
      perRequest: false,
      limit,
      measured,
      state: isOver ? 'over' : measured > 0 && measured >= warnAt * limit ? 'near' : 'within',
      trend: isOver ? 'leak' : 'within',
    },
  ]
}

function verdictOf(
  readings: readonly BudgetReading[],
  { plateau }: Budgets,
): Exclude<Verdict, 'invalid'> {
  if (readings.some(({ trend }) => trend === 'leak')) return 'fail'
  const stopped = readings.some(({ state }) => state === 'over')
  if (stopped && plateau === 'fail') return 'fail'
  if (stopped && plateau === 'warn') return 'warn'
  return readings.some(({ state }) => state === 'near') ? 'warn' : 'pass'
}

function reasonOf(
  verdict: Exclude<Verdict, 'invalid'>,
  facts: Parameters<typeof failReason>[0],
): string {
  const { readings } = facts
  if (readings.some(({ trend }) => trend === 'leak')) return failReason(facts)
  if (readings.some(({ state }) => state === 'over')) return plateauReason(facts)
  return verdict === 'warn' ? warnReason(facts) : passReason(facts)
}

/** The load of all measured rounds as one. */
export function totalLoad({ rounds }: CompleteMeasurement): LoadFacts {
  const total = (pick: (load: LoadFacts) => number): number =>
    rounds.reduce((all, round) => all + pick(round.load), 0)
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

function readRetained(
  measurement: CompleteMeasurement,
  followed: readonly FollowedBudget[],
  sifted: Sifted,
): Retained {
  const { baseline, rounds, goroutines } = measurement
  const last = rounds.at(-1)?.snapshot ?? baseline
  const requests = rounds.map(({ load }) => load.answered)
  const heap = followed.find(({ name }) => name === 'max-retained')
  const bytes = heap?.series.levels ?? [baseline.heapAlloc, last.heapAlloc]
  const ignored = sifted.ignored
    .flatMap(({ stacks }) => stacks)
    .map(growthOf)
    .reduce(sum, NOTHING)
  const objects = [baseline, ...rounds.map(({ snapshot }) => snapshot)].map(
    ({ heapObjects }) => heapObjects,
  )
  const grown = last.heapObjects - baseline.heapObjects
  const resident = difference(last.residentBytes, baseline.residentBytes)
  return {
    bytes: (bytes.at(-1) ?? 0) - (bytes[0] ?? 0),
    bytesPerRequest: steadyRate(bytes, requests, heap?.limits.noise ?? 0),
    objects: grown - ignored.objects,
    objectsPerRequest: steadyRate(objects, requests, 0),
    requests: requests.reduce((all, count) => all + count, 0),
    inuseSpace: last.inuseSpace - baseline.inuseSpace,
    inuseSpaceError: Math.hypot(...measurement.growth.stacks.map(({ bytesError }) => bytesError)),
    goroutines: last.goroutines - baseline.goroutines,
    leakedGoroutines:
      goroutines.leaked === undefined ? null : goroutines.leaked.after - goroutines.leaked.before,
    stackInuse: last.stackInuse - baseline.stackInuse,
    allocatedBytes: last.totalAlloc - baseline.totalAlloc,
    residentBytes: resident,
    outsideGo: resident === null ? null : Math.max(0, resident - last.goMemory),
    threads: difference(last.threads, baseline.threads),
    gcCount: last.gcCount - baseline.gcCount,
    gcCpuFraction: gcCpuShare(baseline, last),
  }
}

/**
 * The share of the CPU time that collections took between two snapshots. GCCPUFraction is that since
 * the start of the process, of GOMAXPROCS times its age; GOMAXPROCS cancels.
 */
function gcCpuShare(before: Snapshot, after: Snapshot): number {
  const [from, to] = [before.uptimeMs, after.uptimeMs]
  if (from === undefined || to === undefined || to <= from) return after.gcCpuFraction
  return Math.max(0, (after.gcCpuFraction * to - before.gcCpuFraction * from) / (to - from))
}

const difference = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined ? null : a - b

function readIgnored({ rule, stacks }: Sifted['ignored'][number]): Ignored {
  return {
    pattern: rule.pattern,
    ...(rule.reason === undefined ? {} : { reason: rule.reason }),
    stacks: stacks.length,
    retained: stacks.map(growthOf).reduce(sum, NOTHING),
  }
}

function readRounds({ baseline, rounds }: CompleteMeasurement): readonly RoundGrowth[] {
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
