import { join } from 'node:path'
import { HeapgateError } from './errors.ts'
import { firstAbort } from './first-abort.ts'
import { drive, type LoadRequest } from './load/drive.ts'
import { ProfileError } from './profile/profile-error.ts'
import type { Progress } from './progress.ts'
import { boot, type BootPlan } from './service/boot.ts'
import { build } from './service/build.ts'
import { buildInfoOf } from './service/build-info.ts'
import { affordable, guardMemory } from './service/memory-guard.ts'
import { orExit } from './service/or-exit.ts'
import { residentBytesOf } from './service/process-tree.ts'
import { RunFailure } from './service/run-failure.ts'
import type { ServiceProcess, StartOptions } from './service/service-process.ts'
import { type HeapSnapshot, takeSnapshot } from './snapshot/heap-snapshot.ts'
import { pprofEndpoint } from './snapshot/pprof-endpoint.ts'
import { readGrowth } from './snapshot/growth.ts'
import { Stages } from './stages.ts'
import type {
  CompleteMeasurement,
  Failure,
  LoadFacts,
  Measurement,
  Platform,
  Round,
  Setup,
  Snapshot,
} from './verdict/measurement.ts'
import { VERSION } from './version.ts'

/** Everything that a measurement needs, decided before it begins. */
export interface MeasurePlan {
  readonly setup: Setup
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
  readonly rounds: readonly Round[]
}

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
  const learn = (facts: Partial<Known>): void => {
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
    const { baselineAt, snapshots } = await takeSeries(
      setup,
      subjectOf(plan, running, { stages, progress, cancelled }),
      stages,
      learn,
    )
    stages.begin('stop')
    await stages.time('stop', () => running.stop(plan.boot.stopTimeoutMs))
    stages.begin('analysis')
    const growth = await stages.time('analysis', () => readGrowth(snapshots, plan.repository))
    const { baseline, ...rest } = known
    if (baseline === undefined) throw new Error('a series without a baseline')
    return {
      kind: 'complete',
      setup,
      ...rest,
      baseline,
      baselineAt,
      growth,
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
  readonly load: (amount: number) => Promise<LoadFacts>
}

/** Warm-up, baseline, rounds. Facts are told as they come; the snapshots are for the analysis. */
async function takeSeries(
  setup: Setup,
  subject: Subject,
  stages: Stages,
  learn: (facts: Partial<Known>) => void,
): Promise<{
  readonly baselineAt: CompleteMeasurement['baselineAt']
  readonly snapshots: readonly HeapSnapshot[]
}> {
  // The first look leaves allocations of the profiler itself behind, so it is thrown away – unless
  // the memory guard cuts the warm-up short: then there is no better baseline.
  stages.begin('first look')
  const first = await subject.look('before-warmup')
  stages.begin('warm-up')
  const warmup = await subject.load(setup.warmupRequests)
  if (warmup.cut === 'memory-guard') {
    const last = await subject.look('round-1')
    learn({ baseline: first.facts, rounds: [{ load: warmup, snapshot: last.facts }] })
    return { baselineAt: 'before-warmup', snapshots: [first, last] }
  }
  learn({ warmup })
  stages.begin('baseline')
  const baseline = await subject.look('baseline')
  learn({ baseline: baseline.facts })
  const snapshots = [baseline]
  const rounds: Round[] = []
  for (let round = 1; round <= setup.rounds; round++) {
    stages.begin(`round ${round.toString()} of ${setup.rounds.toString()}`)
    const load = await subject.load(setup.roundRequests)
    const snapshot = await subject.look(`round-${round.toString()}`)
    snapshots.push(snapshot)
    rounds.push({ load, snapshot: snapshot.facts })
    learn({ rounds: [...rounds] })
    if (load.cut === 'memory-guard') break
  }
  return { baselineAt: 'after-warmup', snapshots }
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
  return {
    look: (name) =>
      orExited((signal) =>
        takeSnapshot(name, {
          endpoint: pprofEndpoint(setup.pprofUrl, signal),
          residentBytes: () => residentBytesOf(service.group),
          directory: join(plan.reportDirectory, 'profiles'),
          timed: (kind, work) => stages.time(kind, work),
        }),
      ),
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
