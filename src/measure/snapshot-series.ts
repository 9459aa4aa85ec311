import type { Profile } from '../profile/profile.ts'
import type { Creator } from '../snapshot/goroutine-creators.ts'
import { readGrowth } from '../snapshot/growth.ts'
import type { HeapSnapshot } from '../snapshot/heap-snapshot.ts'
import type { SourceTree } from '../source/source-tree.ts'
import type { Stages } from '../stages.ts'
import { asksBeneath, lookBeneath } from '../verdict/beneath.ts'
import { followBudgets, type NextLook, nextLook } from '../verdict/budgets.ts'
import type {
  CompleteMeasurement,
  CoolDown,
  Growth,
  LoadFacts,
  Noise,
  Round,
  Setup,
} from '../verdict/measurement.ts'
import { hiddenByNoise } from '../verdict/refusals.ts'
import type { Learn } from './known.ts'
import type { MeasurePlan } from './plan.ts'
import { mostUnanswered, type Subject } from './subject.ts'

/** The snapshots of a run, the baseline first, and what is known of them. */
export interface SnapshotSeries {
  readonly facts: Pick<CompleteMeasurement, 'baselineAt' | 'baseline' | 'noise' | 'rounds'>
  readonly snapshots: readonly HeapSnapshot[]
  readonly growth: Growth
  readonly leaked: readonly [before: Profile, after: Profile] | undefined
  readonly creators: ReadonlyMap<string, Creator>
}

/** Warm-up, baseline, and rounds until the budgets can be judged. Facts are told as they come. */
export async function takeSeries(
  { setup, budgets }: MeasurePlan,
  subject: Subject,
  sources: SourceTree,
  stages: Stages,
  learn: Learn,
): Promise<SnapshotSeries> {
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
    const snapshots = [first, last]
    const growth = await stages.time('analysis', () => readGrowth(snapshots, sources))
    return { facts, snapshots, growth, leaked: undefined, creators: await subject.creators() }
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
  const waits: CoolDown[] = []
  let cooled: HeapSnapshot | undefined
  // Of the snapshots until now; reading it takes a moment, so it is read once.
  let known: Growth | undefined
  const growthUntilNow = async (): Promise<Growth> =>
    (known ??= await stages.time('analysis', () => readGrowth(snapshots, sources, cooled)))
  const next = async (): Promise<NextLook> => {
    const [coolDown, secondCoolDown] = waits
    const facts = { baseline, noise, rounds, coolDown, secondCoolDown }
    // Places are needed by ignore rules, and where the totals have nothing more to ask.
    const look =
      budgets.ignore.length > 0
        ? nextLook(budgets, { ...facts, growth: await growthUntilNow() }, setup)
        : nextLook(budgets, facts, setup)
    if (!asksBeneath(look, facts, setup)) return look
    const beneath = lookBeneath(budgets, facts, setup, await growthUntilNow())
    return beneath === 'enough' ? look : beneath
  }
  for (;;) {
    const round = (rounds.length + 1).toString()
    stages.begin(`round ${round} of ${Math.max(setup.rounds, rounds.length + 1).toString()}`)
    const load = await subject.load(setup.roundRequests)
    const snapshot = await subject.look(`round-${round}`)
    snapshots.push(snapshot)
    known = undefined
    rounds.push({ load, snapshot: snapshot.facts })
    learn({ rounds: [...rounds] })
    if (load.cut === 'memory-guard' || isHopeless(load, setup)) break

    let look = await next()
    if (look === 'cool-down') {
      stages.begin('cool-down')
      await subject.wait(setup.coolDownMs)
      const looked = await subject.look(waits.length === 0 ? 'cool-down' : 'cool-down-2')
      if (cooled === undefined) {
        cooled = looked
        known = undefined
      }
      const waitedMs = setup.coolDownMs
      waits.push({ afterRounds: rounds.length, waitedMs, snapshot: looked.facts })
      const [coolDown, secondCoolDown] = waits
      learn({ coolDown, secondCoolDown })
      look = await next()
    }
    if (look === 'enough') break
  }
  const leakedAfter = await subject.leakedGoroutines()
  return {
    facts: { baselineAt: 'after-warmup', baseline, noise, rounds },
    snapshots,
    growth: await growthUntilNow(),
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
