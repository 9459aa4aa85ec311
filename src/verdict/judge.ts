import { type Budgets, followBudgets } from './budgets.ts'
import { gainedGoroutines } from './goroutine-growth.ts'
import { sift, type Sifted } from './ignored.ts'
import { lastingLines } from './lasting.ts'
import type { CompleteMeasurement, LoadFacts, Measurement } from './measurement.ts'
import { notesOn, plateauNotes } from './notes.ts'
import { growthByPlace, growthOf, NOTHING, sum } from './places.ts'
import { readBudgets } from './readings.ts'
import { failReason, passReason, plateauReason, warnReason } from './reasons.ts'
import { whyRefused } from './refusals.ts'
import {
  type BudgetReading,
  type Ignored,
  type InvalidResult,
  type Result,
  RESULT_SCHEMA,
  type RoundGrowth,
  type Verdict,
} from './result.ts'
import { readRetained } from './retained.ts'

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
  const readings = readBudgets(followed, budgets, retained, lasting, measurement)
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
function totalLoad({ rounds }: CompleteMeasurement): LoadFacts {
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
