import { sampleTotal } from '../profile/sample-total.ts'
import { readGoroutines } from '../snapshot/growth.ts'
import type { SourceTree } from '../source/source-tree.ts'
import type { Goroutines } from '../verdict/measurement.ts'
import type { SnapshotSeries } from './snapshot-series.ts'

/** Growth of the goroutines of a complete series, by stack. */
export function goroutinesOf(
  { snapshots, leaked, creators }: SnapshotSeries,
  sources: SourceTree,
): Goroutines {
  const [first] = snapshots
  const last = snapshots.at(-1)
  const stacks =
    first === undefined || last === undefined
      ? []
      : readGoroutines(first.goroutines, last.goroutines, creators, sources)
  if (leaked === undefined) return { stacks }
  const [before, after] = leaked
  return {
    stacks,
    leaked: {
      before: sampleTotal(before, 'goroutineleak'),
      after: sampleTotal(after, 'goroutineleak'),
      stacks: readGoroutines(before, after, creators, sources),
    },
  }
}
