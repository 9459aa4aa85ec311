import type { BudgetReading, Retained } from './result.ts'

/** The limits that the user sets; an absent one is not judged. Sizes are bytes. */
export interface Budgets {
  readonly maxRetained: number
  readonly maxRetainedPerRequest?: number | undefined
  readonly maxGoroutineGrowth?: number | undefined
}

/** Holds what was measured against each budget that is set. At the limit is still within it. */
export function readBudgets(budgets: Budgets, retained: Retained): readonly BudgetReading[] {
  const readings: readonly (Omit<BudgetReading, 'state' | 'limit'> & {
    readonly limit: number | undefined
  })[] = [
    { name: 'max-retained', unit: 'bytes', limit: budgets.maxRetained, measured: retained.bytes },
    {
      name: 'max-retained-per-request',
      unit: 'bytes',
      limit: budgets.maxRetainedPerRequest,
      measured: retained.bytesPerRequest,
    },
    {
      name: 'max-goroutine-growth',
      unit: 'goroutines',
      limit: budgets.maxGoroutineGrowth,
      measured: retained.goroutines,
    },
  ]
  return readings.flatMap(({ limit, ...reading }) =>
    limit === undefined
      ? []
      : [{ ...reading, limit, state: reading.measured > limit ? 'over' : 'within' }],
  )
}
