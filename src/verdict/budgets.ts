import type { IgnoreRule } from './ignored.ts'
import type { Setup } from './measurement.ts'
import { readSeries, type RunFacts } from './series.ts'
import { type Reading, readTrend, type Series, type TrendLimits } from './trend.ts'

/** The limits that the user sets; an absent one is not judged. Sizes are bytes. */
export interface Budgets {
  readonly maxRetained: number
  readonly maxRetainedPerRequest?: number | undefined
  readonly maxRetainedObjectsPerRequest?: number | undefined
  readonly maxGoroutineGrowth?: number | undefined
  readonly maxLeakedGoroutines?: number | undefined
  readonly maxRssGrowth?: number | undefined
  /** Share of a budget from which the verdict is `warn`. */
  readonly warnAt: number
  /** The verdict on growth over a budget that had stopped, or went away. */
  readonly plateau: 'pass' | 'warn' | 'fail'
  readonly ignore: readonly IgnoreRule[]
}

/** A budget on a quantity that is followed over the rounds. */
export interface FollowedBudget {
  readonly name:
    | 'max-retained'
    | 'max-retained-per-request'
    | 'max-retained-objects-per-request'
    | 'max-goroutine-growth'
    | 'max-rss-growth'
  readonly unit: 'bytes' | 'objects' | 'goroutines'
  /** As the user set it. */
  readonly limit: number
  /** Whether it is an amount for each request. */
  readonly perRequest: boolean
  readonly series: Series
  /** The limit as growth over the planned rounds, and what else the trend needs. */
  readonly limits: TrendLimits
}

/** Changes that are never growth, however quiet the service: what the runtime itself does. */
const LEAST_NOISE = { bytes: 8 * 1024, objects: 100, goroutines: 2, resident: 2 ** 20 }
/** Two looks without load tell the noise once; it may be this many times as large. */
const NOISE_FACTOR = 2

/** The budgets that are set, each with its series and its limits. */
export function followBudgets(
  budgets: Budgets,
  facts: RunFacts,
  setup: Setup,
): readonly FollowedBudget[] {
  const all = readSeries(facts, budgets.ignore)
  const { noise } = facts
  const follow = (
    name: FollowedBudget['name'],
    limit: number | undefined,
    per: 'load' | 'request',
    of: {
      readonly unit: FollowedBudget['unit']
      readonly series: Series | undefined
      readonly noise: number
    },
  ): readonly FollowedBudget[] => {
    const { unit, series } = of
    if (limit === undefined || series === undefined) return []
    const perRequest = per === 'request'
    const { rounds, maxRounds, roundRequests } = setup
    return [
      {
        ...{ name, unit, limit, perRequest, series },
        limits: {
          limit: perRequest ? limit * rounds * roundRequests : limit,
          noise: of.noise,
          rounds,
          maxRounds,
        },
      },
    ]
  }
  const bytes = {
    unit: 'bytes',
    series: all.heapAlloc,
    noise: Math.max(LEAST_NOISE.bytes, NOISE_FACTOR * noise.heapAlloc),
  } as const
  return [
    ...follow('max-retained', budgets.maxRetained, 'load', bytes),
    ...follow('max-retained-per-request', budgets.maxRetainedPerRequest, 'request', bytes),
    ...follow('max-retained-objects-per-request', budgets.maxRetainedObjectsPerRequest, 'request', {
      unit: 'objects',
      series: all.heapObjects,
      noise: Math.max(LEAST_NOISE.objects, NOISE_FACTOR * noise.heapObjects),
    }),
    ...follow('max-goroutine-growth', budgets.maxGoroutineGrowth, 'load', {
      unit: 'goroutines',
      series: all.goroutines,
      noise: Math.max(LEAST_NOISE.goroutines, NOISE_FACTOR * noise.goroutines),
    }),
    ...follow('max-rss-growth', budgets.maxRssGrowth, 'load', {
      unit: 'bytes',
      series: all.residentBytes,
      noise: Math.max(LEAST_NOISE.resident, NOISE_FACTOR * noise.residentBytes),
    }),
  ]
}

/** What to look at next, or `enough` when every budget is known. */
export type NextLook = 'round' | 'cool-down' | 'enough'

/**
 * What a run must look at next to be judged. A round tells more of any open budget than waiting
 * does, so the wait comes when nothing else is left to ask.
 */
export function nextLook(budgets: Budgets, facts: RunFacts, setup: Setup): NextLook {
  const asked = followBudgets(budgets, facts, setup)
    .map(({ series, limits }): Reading => readTrend(series, limits))
    .flatMap((reading) => (reading.kind === 'open' ? [reading.next] : []))
  const look = mostTelling(asked)
  return look === 'cool-down' && facts.coolDown !== undefined ? 'enough' : look
}

/** The look that tells most of those asked for. */
export function mostTelling(asked: readonly NextLook[]): NextLook {
  if (asked.includes('round')) return 'round'
  return asked.includes('cool-down') ? 'cool-down' : 'enough'
}
