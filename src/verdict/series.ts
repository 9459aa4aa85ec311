import { sift, sumOf, type IgnoreRule } from './ignored.ts'
import type { CoolDown, Growth, Noise, Round, Snapshot, StackGrowth } from './measurement.ts'
import type { Cooled, Series } from './trend.ts'

/** What is known of a run while it goes on, and after. */
export interface RunFacts {
  readonly baseline: Snapshot
  readonly noise: Noise
  readonly rounds: readonly Round[]
  readonly coolDown?: CoolDown | undefined
  readonly secondCoolDown?: CoolDown | undefined
  /** Needed only where rules take stacks out. */
  readonly growth?: Growth | undefined
}

/** The quantities that budgets limit, each as a series over the run. */
export interface RunSeries {
  readonly heapAlloc: Series
  readonly heapObjects: Series
  readonly goroutines: Series
  /** Absent where the processes of the service are not known. */
  readonly residentBytes: Series | undefined
}

/** Reads the series of a run, with what the rules ignore taken out of the heap's. */
export function readSeries(facts: RunFacts, rules: readonly IgnoreRule[]): RunSeries {
  const ignored =
    facts.growth === undefined || rules.length === 0
      ? []
      : sift(facts.growth, rules).ignored.flatMap(({ stacks }) => stacks)
  return {
    heapAlloc: series(
      facts,
      'heapAlloc',
      ignoredGrowth(ignored, ({ bytes }) => bytes),
    ),
    heapObjects: series(
      facts,
      'heapObjects',
      ignoredGrowth(ignored, ({ objects }) => objects),
    ),
    goroutines: series(facts, 'goroutines', []),
    residentBytes: isResidentKnown(facts) ? series(facts, 'residentBytes', []) : undefined,
  }
}

const isResidentKnown = ({ baseline, rounds }: RunFacts): boolean =>
  [baseline, ...rounds.map(({ snapshot }) => snapshot)].every(
    ({ residentBytes }) => residentBytes !== undefined,
  )

type Quantity = 'heapAlloc' | 'heapObjects' | 'goroutines' | 'residentBytes'

function series(
  { baseline, rounds, coolDown, secondCoolDown }: RunFacts,
  quantity: Quantity,
  ignored: readonly number[],
): Series {
  const snapshots = [baseline, ...rounds.map(({ snapshot }) => snapshot)]
  const levels = snapshots.map(
    (snapshot, index) => (snapshot[quantity] ?? 0) - (ignored[index] ?? 0),
  )
  const after = (wait: CoolDown | undefined): Cooled | undefined =>
    wait && {
      level: (wait.snapshot[quantity] ?? 0) - (ignored[wait.afterRounds] ?? 0),
      afterRounds: wait.afterRounds,
    }
  return { levels, cooled: after(coolDown), cooledAgain: after(secondCoolDown) }
}

/** What ignored stacks gained since the baseline, at each snapshot. */
function ignoredGrowth(
  stacks: readonly StackGrowth[],
  pick: (stack: StackGrowth) => readonly number[],
): readonly number[] {
  const sums = sumOf(stacks, pick)
  return sums.map((sum) => sum - (sums[0] ?? 0))
}
