import type { Budgets } from '../verdict/budgets.ts'
import type { BudgetOptions } from './table.ts'

/** The budgets among the options. */
export function budgetsOf(options: BudgetOptions): Budgets {
  return {
    maxRetained: options['max-retained'],
    maxRetainedPerRequest: options['max-retained-per-request'],
    maxRetainedObjectsPerRequest: options['max-retained-objects-per-request'],
    maxGoroutineGrowth: options['max-goroutine-growth'],
    maxLeakedGoroutines: options['max-leaked-goroutines'],
    maxRssGrowth: options['max-rss-growth'],
    warnAt: options['warn-at'],
    plateau: options.plateau,
    ignore: options.ignore ?? [],
  }
}
