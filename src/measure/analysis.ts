import { sampleTotal } from '../profile/sample-total.ts'
import { readGoroutines } from '../snapshot/growth.ts'
import type { SourceTree } from '../source/source-tree.ts'
import type { CompleteMeasurement } from '../verdict/measurement.ts'
import type { SnapshotSeries } from './snapshot-series.ts'

/** What a series tells when it is complete: growth by stack, of the heap and of the goroutines. */
export function analyse(
  { snapshots, growth, leaked, creators }: SnapshotSeries,
  sources: SourceTree,
): Pick<CompleteMeasurement, 'growth' | 'goroutines'> {
  const [first] = snapshots
  const last = snapshots.at(-1)
  const stacks =
    first === undefined || last === undefined
      ? []
      : readGoroutines(first.goroutines, last.goroutines, creators, sources)
  return {
    growth,
    goroutines: {
      stacks,
      ...(leaked === undefined
        ? {}
        : {
            leaked: {
              before: sampleTotal(leaked[0], 'goroutineleak'),
              after: sampleTotal(leaked[1], 'goroutineleak'),
              stacks: readGoroutines(leaked[0], leaked[1], creators, sources),
            },
          }),
    },
  }
}
