import type { Profile } from '../profile/profile.ts'
import type { Creator } from '../snapshot/goroutine-creators.ts'
import { readGrowth } from '../snapshot/growth.ts'
import type { HeapSnapshot } from '../snapshot/heap-snapshot.ts'
import { openSourceTree } from '../source/source-tree.ts'
import type { Stages } from '../stages.ts'
import { followBudgets, nextLook } from '../verdict/budgets.ts'
import type {
  CompleteMeasurement,
  CoolDown,
  LoadFacts,
  Noise,
  Round,
  Setup,
} from '../verdict/measurement.ts'
import { hiddenByNoise } from '../verdict/refusals.ts'
import type { RunFacts } from '../verdict/series.ts'
import type { Learn } from './known.ts'
import type { MeasurePlan } from './plan.ts'
import { mostUnanswered, type Subject } from './subject.ts'

/** The snapshots of a run, the baseline first, and what is known of them. */
export interface SnapshotSeries {
  readonly facts: Pick<CompleteMeasurement, 'baselineAt' | 'baseline' | 'noise' | 'rounds'>
  readonly snapshots: readonly HeapSnapshot[]
  /** The look after the wait, if there was one. */
  readonly cooled: HeapSnapshot | undefined
  readonly leaked: readonly [before: Profile, after: Profile] | undefined
  readonly creators: ReadonlyMap<string, Creator>
}

/** Warm-up, baseline, and rounds until the budgets can be judged. Facts are told as they come. */
export async function takeSeries(
  plan: MeasurePlan,
  subject: Subject,
  stages: Stages,
  learn: Learn,
): Promise<SnapshotSeries> {
  const { setup, budgets, repository } = plan
  // The first look leaves allocations of the profiler itself behind, so it is thrown away – unless
  // the memory guard cuts the warm-up short: then there is no better baseline.
  stages.begin('first look')
  const first = await subject.look('before-warmup')
  stages.begin('warm-up')
  const warmup = await subject.load(setup.warmupRequests)
  if (warmup.cut === 'memory-guard') {
    const last = await subject.look('round-1')
    const facts = {
      baselineAt: 'before-warmup',
      baseline: first.facts,
      noise: NO_NOISE,
      rounds: [{ load: warmup, snapshot: last.facts }],
    } as const
    learn(facts)
    const creators = await subject.creators()
    return { facts, snapshots: [first, last], cooled: undefined, leaked: undefined, creators }
  }
  learn({ warmup })

  stages.begin('baseline')
  const leakedBefore = await subject.leakedGoroutines()
  let start = await subject.look('baseline')
  let noise = await subject.noise(start.facts)
  const isHidden = (): boolean => {
    const facts = { baseline: start.facts, noise, rounds: [] }
    return hiddenByNoise(followBudgets(budgets, facts, setup), noise) !== undefined
  }
  // What the warm-up left may expire between the two looks: then a later baseline is the right one.
  for (let again = 0; again < BASELINES_MORE && isHidden(); again++) {
    start = await subject.look('baseline')
    noise = await subject.noise(start.facts)
  }
  const baseline = start.facts
  learn({ baseline, noise })

  const snapshots = [start]
  const rounds: Round[] = []
  let coolDown: CoolDown | undefined
  let cooled: HeapSnapshot | undefined
  for (;;) {
    const round = (rounds.length + 1).toString()
    stages.begin(`round ${round} of ${Math.max(setup.rounds, rounds.length + 1).toString()}`)
    const load = await subject.load(setup.roundRequests)
    const snapshot = await subject.look(`round-${round}`)
    snapshots.push(snapshot)
    rounds.push({ load, snapshot: snapshot.facts })
    learn({ rounds: [...rounds] })
    if (load.cut === 'memory-guard' || isHopeless(load, setup)) break

    const facts = (): RunFacts => ({
      ...{ baseline, noise, rounds, coolDown },
      // Only ignore rules need places while the run goes on.
      growth:
        budgets.ignore.length === 0 ? undefined : readGrowth(snapshots, openSourceTree(repository)),
    })
    if (nextLook(budgets, facts(), setup) === 'cool-down') {
      stages.begin('cool-down')
      await subject.wait(setup.coolDownMs)
      cooled = await subject.look('cool-down')
      const afterRounds = rounds.length
      coolDown = { afterRounds, waitedMs: setup.coolDownMs, snapshot: cooled.facts }
      learn({ coolDown })
    }
    if (nextLook(budgets, facts(), setup) === 'enough') break
  }
  const leakedAfter = await subject.leakedGoroutines()
  return {
    facts: { baselineAt: 'after-warmup', baseline, noise, rounds },
    snapshots,
    cooled,
    leaked:
      leakedBefore === undefined || leakedAfter === undefined
        ? undefined
        : [leakedBefore, leakedAfter],
    creators: await subject.creators(),
  }
}

/** A service that never comes to rest is refused all the same. */
const BASELINES_MORE = 2

const NO_NOISE: Noise = { heapAlloc: 0, heapObjects: 0, goroutines: 0, residentBytes: 0 }

/** A load with so many errors that no further round can make the run valid. */
function isHopeless(load: LoadFacts, setup: Setup): boolean {
  return (
    load.answered === 0 ||
    load.unanswered > mostUnanswered(setup) ||
    load.failed > Math.max(setup.maxErrorRate, HOPELESS_ERROR_RATE) * load.asked
  )
}

const HOPELESS_ERROR_RATE = 0.9
