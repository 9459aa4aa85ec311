import { readBeneath } from './beneath.ts'
import type { Budgets, FollowedBudget } from './budgets.ts'
import { sumOf } from './ignored.ts'
import { isHeapBudget, type LastingLine } from './lasting.ts'
import type { CompleteMeasurement } from './measurement.ts'
import { perRequest } from './places.ts'
import type { BudgetReading, Retained } from './result.ts'
import { changeOf, limitAfter, readTrend, steadyRate } from './trend.ts'

/** Every budget that is set, what was measured of it, and whether growth over it goes on. */
export function readBudgets(
  followed: readonly FollowedBudget[],
  budgets: Budgets,
  retained: Retained,
  lasting: readonly LastingLine[],
  measurement: CompleteMeasurement,
): readonly BudgetReading[] {
  return [
    ...followed.map((budget) => {
      const reading = readBudget(budget, budgets, measurement)
      return withLaterGrowth(reading, budget, lasting, measurement)
    }),
    ...readLeakedGoroutines(budgets, retained),
  ]
}

function readBudget(
  { name, unit, limit, perRequest, series, limits }: FollowedBudget,
  { warnAt }: Budgets,
  { rounds }: CompleteMeasurement,
): BudgetReading {
  const { levels } = series
  const growth = changeOf(levels)
  const requests = rounds.map(({ load }) => load.answered)
  const reading = readTrend(series, limits)
  const trend = reading.kind === 'known' ? reading.trend : reading.best
  const total = perRequest ? steadyRate(levels, requests, limits.noise) : growth
  const isOver = trend !== 'within'
  const share = growth / limitAfter(limits, rounds.length)
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
  const isBeneath = lasting.length > 0 && isHeapBudget(budget)
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
