import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HeapgateError } from './errors.ts'
import { firstAbort } from './first-abort.ts'
import { drive, type LoadRequest } from './load/drive.ts'
import type { Profile } from './profile/profile.ts'
import { ProfileError } from './profile/profile-error.ts'
import { sampleTotal } from './profile/sample-total.ts'
import type { Progress } from './progress.ts'
import { boot, type BootPlan } from './service/boot.ts'
import { build } from './service/build.ts'
import { buildInfoOf } from './service/build-info.ts'
import { affordable, guardMemory } from './service/memory-guard.ts'
import { orExit } from './service/or-exit.ts'
import { type Resources, resourcesOf } from './service/process-tree.ts'
import { RunFailure } from './service/run-failure.ts'
import type { ServiceProcess, StartOptions } from './service/service-process.ts'
import { type Creator, parseCreators } from './snapshot/goroutine-creators.ts'
import { type HeapSnapshot, takeSnapshot } from './snapshot/heap-snapshot.ts'
import { pprofEndpoint } from './snapshot/pprof-endpoint.ts'
import { readGoroutines, readGrowth } from './snapshot/growth.ts'
import { settle } from './snapshot/settle.ts'
import { openSourceTree, type SourceTree } from './source/source-tree.ts'
import { Stages } from './stages.ts'
import { type Budgets, nextLook } from './verdict/budgets.ts'
import type {
  CompleteMeasurement,
  CoolDown,
  Failure,
  LoadFacts,
  Measurement,
  Noise,
  Platform,
  Round,
  Setup,
  Snapshot,
} from './verdict/measurement.ts'
import type { RunFacts } from './verdict/series.ts'
import { VERSION } from './version.ts'

/** Everything that a measurement needs, decided before it begins. */
export interface MeasurePlan {
  readonly setup: Setup
  /** What the run is to be judged by: it decides how many rounds it takes to know. */
  readonly budgets: Budgets
  readonly build: StartOptions | undefined
  readonly boot: BootPlan
  readonly requests: readonly LoadRequest[]
  /** Where profiles and logs go: an absolute path. */
  readonly reportDirectory: string
  /** The root of the repository: absolute. */
  readonly repository: string
}

/** What is known so far: a run that breaks tells it too. */
interface Known {
  readonly platform: Platform
  readonly warmup?: LoadFacts
  readonly baseline?: Snapshot
  readonly noise?: Noise
  readonly rounds: readonly Round[]
  readonly coolDown?: CoolDown
}

type Learn = (facts: Partial<Known>) => void

/**
 * Boots the service, warms it up, and takes a snapshot before and after each round of requests.
 * The only stage that touches the service's processes and its network. It yields facts, never
 * opinions; a run that breaks is a measurement too. Nothing is left running, whatever happens.
 */
export async function measure(
  plan: MeasurePlan,
  progress: Progress,
  cancelled: AbortSignal,
): Promise<Measurement> {
  const { setup } = plan
  const stages = new Stages(progress)
  let known: Known = {
    platform: { heapgate: VERSION, os: process.platform, arch: process.arch },
    rounds: [],
  }
  const learn: Learn = (facts) => {
    known = { ...known, ...facts }
  }
  let service: ServiceProcess | undefined
  try {
    const { build: buildPlan } = plan
    if (buildPlan !== undefined) {
      stages.begin('build')
      await stages.time('build', () => build(buildPlan, cancelled))
    }
    stages.begin('boot')
    const running = await stages.time('boot', () => boot(plan.boot, cancelled))
    service = running
    learn({ platform: { ...known.platform, ...(await binaryFacts(running)) } })
    const subject = subjectOf(plan, running, { stages, progress, cancelled })
    const series = await takeSeries(plan, subject, stages, learn)
    stages.begin('stop')
    await stages.time('stop', () => running.stop(plan.boot.stopTimeoutMs))
    stages.begin('analysis')
    const { platform, warmup, coolDown } = known
    return {
      kind: 'complete',
      setup,
      platform,
      ...(warmup === undefined ? {} : { warmup }),
      ...series.facts,
      ...(coolDown === undefined ? {} : { coolDown }),
      ...(await stages.time('analysis', () => analyse(series, openSourceTree(plan.repository)))),
      timings: stages.timings(),
    }
  } catch (error) {
    await service?.stop(plan.boot.stopTimeoutMs)
    const failure = asFailure(error, stages.current, cancelled, service)
    return { kind: 'broken', setup, ...known, failure, timings: stages.timings() }
  }
}

/** The service under test, as the series of snapshots needs it. */
interface Subject {
  readonly look: (name: string) => Promise<HeapSnapshot>
  /** Looks again without any load in between, and gives how much differs. */
  readonly noise: (baseline: Snapshot) => Promise<Noise>
  readonly load: (amount: number) => Promise<LoadFacts>
  readonly leakedGoroutines: () => Promise<Profile | undefined>
  readonly creators: () => Promise<ReadonlyMap<string, Creator>>
  readonly wait: (ms: number) => Promise<void>
}

/** The snapshots of a run, the baseline first, and what is known of them. */
interface SnapshotSeries {
  readonly facts: Pick<CompleteMeasurement, 'baselineAt' | 'baseline' | 'noise' | 'rounds'>
  readonly snapshots: readonly HeapSnapshot[]
  readonly leaked: readonly [before: Profile, after: Profile] | undefined
  readonly creators: ReadonlyMap<string, Creator>
}

/** Warm-up, baseline, and rounds until the budgets can be judged. Facts are told as they come. */
async function takeSeries(
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
    return { facts, snapshots: [first, last], leaked: undefined, creators }
  }
  learn({ warmup })

  stages.begin('baseline')
  const leakedBefore = await subject.leakedGoroutines()
  const start = await subject.look('baseline')
  const baseline = start.facts
  const noise = await subject.noise(baseline)
  learn({ baseline, noise })

  const snapshots = [start]
  const rounds: Round[] = []
  let coolDown: CoolDown | undefined
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
      const cooled = await subject.look('cool-down')
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
    leaked:
      leakedBefore === undefined || leakedAfter === undefined
        ? undefined
        : [leakedBefore, leakedAfter],
    creators: await subject.creators(),
  }
}

const NO_NOISE: Noise = { heapAlloc: 0, heapObjects: 0, goroutines: 0, residentBytes: 0 }

/** A load with so many errors that no further round can make the run valid. */
function isHopeless(load: LoadFacts, { maxErrorRate }: Setup): boolean {
  return (
    load.answered === 0 || load.failed > Math.max(maxErrorRate, HOPELESS_ERROR_RATE) * load.asked
  )
}

const HOPELESS_ERROR_RATE = 0.9

/** Growth by stack, of the heap and of the goroutines. */
function analyse(
  { snapshots, leaked, creators }: SnapshotSeries,
  sources: SourceTree,
): Pick<CompleteMeasurement, 'growth' | 'goroutines'> {
  const [first] = snapshots
  const last = snapshots.at(-1)
  const stacks =
    first === undefined || last === undefined
      ? []
      : readGoroutines(first.goroutines, last.goroutines, creators, sources)
  return {
    growth: readGrowth(snapshots, sources),
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

function subjectOf(
  plan: MeasurePlan,
  service: ServiceProcess,
  run: { readonly stages: Stages; readonly progress: Progress; readonly cancelled: AbortSignal },
): Subject {
  const { setup } = plan
  const { stages, progress, cancelled } = run
  const orExited = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    orExit(service, cancelled, () => `in ${stages.current}`, work)
  const resources = (): Promise<Resources> => resourcesOf(service.group)
  return {
    look: (name) =>
      orExited((signal) =>
        takeSnapshot(name, {
          endpoint: pprofEndpoint(setup.pprofUrl, signal),
          resources,
          directory: join(plan.reportDirectory, 'profiles'),
          timed: (kind, work) => stages.time(kind, work),
        }),
      ),
    noise: (baseline) =>
      orExited(async (signal) => {
        const { collect } = pprofEndpoint(setup.pprofUrl, signal)
        const { stats } = await stages.time('settling', () => settle(collect))
        const { residentBytes } = await resources()
        return {
          heapAlloc: Math.abs(stats.heapAlloc - baseline.heapAlloc),
          heapObjects: Math.abs(stats.heapObjects - baseline.heapObjects),
          goroutines: 0,
          residentBytes: Math.abs(residentBytes - baseline.residentBytes),
        }
      }),
    leakedGoroutines: () =>
      orExited(async (signal) =>
        (await pprofEndpoint(setup.pprofUrl, signal).leakedGoroutineProfile())?.decode(),
      ),
    creators: () =>
      orExited(async (signal) =>
        parseCreators(await pprofEndpoint(setup.pprofUrl, signal).goroutineDump()),
      ),
    wait: (ms) =>
      orExited((signal) => stages.time('cool-down', () => sleep(ms, undefined, { signal }))),
    load: async (amount) => {
      const guard = guardMemory(service.group, await affordable(setup.memoryGuard))
      const { url, connections } = setup
      const onProgress = (answered: number): void => {
        progress.requests(answered, amount)
      }
      try {
        const outcome = await stages.time('load', () =>
          orExited(async (signal) => {
            const stop = firstAbort(guard.signal, signal)
            const load = { url, requests: plan.requests, amount, connections, onProgress }
            return drive({ ...load, signal: stop.signal }).finally(stop.release)
          }),
        )
        cancelled.throwIfAborted()
        return guard.signal.aborted ? { ...outcome, cut: 'memory-guard' } : outcome
      } finally {
        guard.stop()
      }
    },
  }
}

async function binaryFacts(service: ServiceProcess): Promise<Partial<Platform>> {
  const info = await buildInfoOf(service.group)
  if (info === undefined) return {}
  const { goVersion, mainModule } = info
  return { goVersion, ...(mainModule === undefined ? {} : { mainModule }) }
}

function asFailure(
  error: unknown,
  stage: string,
  cancelled: AbortSignal,
  service: ServiceProcess | undefined,
): Failure {
  if (cancelled.aborted) return { code: 'cancelled', stage, message: 'The run was cancelled.' }
  const log = (error instanceof RunFailure ? error.log : undefined) ?? service?.log.lastLines()
  if (!(error instanceof HeapgateError)) throw error
  return {
    code: failureCode(error),
    stage,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(log === undefined || log === '' ? {} : { log }),
  }
}

function failureCode(error: HeapgateError): Failure['code'] {
  if (error instanceof RunFailure) return error.code
  return error instanceof ProfileError ? 'bad-profile' : 'no-pprof'
}
