import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HeapgateError } from './errors.ts'
import { firstAbort } from './first-abort.ts'
import { drive, HANG_MS, type LoadOutcome, type LoadRequest } from './load/drive.ts'
import type { Profile } from './profile/profile.ts'
import { ProfileError } from './profile/profile-error.ts'
import { sampleTotal } from './profile/sample-total.ts'
import type { Progress } from './progress.ts'
import { attach } from './service/attach.ts'
import { boot, type BootPlan } from './service/boot.ts'
import { build } from './service/build.ts'
import type { Program } from './service/build-info.ts'
import { instrument, type InstrumentPlan } from './service/instrument.ts'
import { orExit } from './service/or-exit.ts'
import type { Readiness } from './service/ready.ts'
import { RunFailure } from './service/run-failure.ts'
import type { Service } from './service/service.ts'
import type { StartOptions } from './service/service-process.ts'
import { type Creator, parseCreators } from './snapshot/goroutine-creators.ts'
import { type HeapSnapshot, type SystemFacts, takeSnapshot } from './snapshot/heap-snapshot.ts'
import {
  PPROF_LIMITS,
  pprofEndpoint,
  type PprofEndpoint,
  type PprofLimits,
} from './snapshot/pprof-endpoint.ts'
import { readGoroutines, readGrowth } from './snapshot/growth.ts'
import { settle } from './snapshot/settle.ts'
import { withoutSecrets } from './secrets.ts'
import { openSourceTree, type SourceTree } from './source/source-tree.ts'
import { Stages } from './stages.ts'
import { type Budgets, followBudgets, nextLook } from './verdict/budgets.ts'
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
  Watched,
} from './verdict/measurement.ts'
import { hiddenByNoise } from './verdict/refusals.ts'
import type { RunFacts } from './verdict/series.ts'
import { plural } from './units/count.ts'
import { formatDuration } from './units/duration.ts'
import { VERSION } from './version.ts'

/** Everything that a measurement needs, decided before it begins. */
export interface MeasurePlan {
  readonly setup: Setup
  /** What the run is to be judged by: it decides how many rounds it takes to know. */
  readonly budgets: Budgets
  readonly service: ServicePlan
  readonly stopTimeoutMs: number
  /** What pprof is asked with; the values may be secret. */
  readonly pprofHeaders: Readonly<Record<string, string>>
  /** What no log and no report may tell. */
  readonly secrets: readonly string[]
  readonly requests: readonly LoadRequest[]
  /** Where profiles and logs go: an absolute path. */
  readonly reportDirectory: string
  /** The root of the repository: absolute. */
  readonly repository: string
}

/** The service is ours to start and to stop, or runs already. */
export type ServicePlan =
  | {
      readonly kind: 'start'
      readonly instrument: InstrumentPlan | undefined
      readonly build: StartOptions | undefined
      readonly boot: BootPlan
    }
  | { readonly kind: 'attach'; readonly readiness: Readiness }

/** What is known so far: a run that breaks tells it too. */
interface Known {
  readonly platform: Platform
  readonly watched?: Watched
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
  const { setup, stopTimeoutMs } = plan
  const stages = new Stages(progress)
  let known: Known = {
    platform: { heapgate: VERSION, os: process.platform, arch: process.arch },
    rounds: [],
  }
  const learn: Learn = (facts) => {
    known = { ...known, ...facts }
  }
  let service: Service | undefined
  try {
    const running = await meet(plan.service, stages, cancelled)
    service = running
    const program = await running.processes?.program()
    learn({ platform: { ...known.platform, ...programFacts(program) } })
    const subject = subjectOf(plan, running, program, { stages, progress, cancelled })
    const series = await takeSeries(plan, subject, stages, learn)
    learn(await watchedOf(running))
    stages.begin('stop')
    await stages.time('stop', () => running.stop(stopTimeoutMs, cancelled))
    stages.begin('analysis')
    const { platform, warmup, coolDown, watched } = known
    return {
      kind: 'complete',
      setup,
      platform,
      ...(warmup === undefined ? {} : { warmup }),
      ...(watched === undefined ? {} : { watched }),
      ...series.facts,
      ...(coolDown === undefined ? {} : { coolDown }),
      ...(await stages.time('analysis', () => analyse(series, openSourceTree(plan.repository)))),
      timings: stages.timings(),
    }
  } catch (error) {
    if (service !== undefined) learn(await watchedOf(service))
    await service?.stop(stopTimeoutMs, cancelled)
    const failure = masked(asFailure(error, stages.current, cancelled, service), plan.secrets)
    return { kind: 'broken', setup, ...known, failure, timings: stages.timings() }
  }
}

/** Builds and boots the service, or finds it running. */
async function meet(plan: ServicePlan, stages: Stages, cancelled: AbortSignal): Promise<Service> {
  const stage = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    stages.begin(name)
    return stages.time(name, work)
  }
  if (plan.kind === 'attach') return stage('boot', () => attach(plan.readiness, cancelled))
  const { instrument: asked } = plan
  const instrumentation = asked && (await stage('instrument', () => instrument(asked, cancelled)))
  try {
    const { build: command, boot: bootPlan } = instrumentation?.into(plan) ?? plan
    if (command !== undefined) await stage('build', () => build(command, cancelled))
    return await stage('boot', () => boot(bootPlan, cancelled))
  } finally {
    instrumentation?.remove()
  }
}

/** What the watch saw until now, and the kernel's own record. */
async function watchedOf({ processes }: Service): Promise<Pick<Known, 'watched'>> {
  if (processes === undefined) return {}
  const { watch } = processes
  const { ofService } = await watch.oomKills()
  return {
    watched: { ...watch.seen(), ...(ofService === undefined ? {} : { oomKills: ofService }) },
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
  service: Service,
  program: Program | undefined,
  run: { readonly stages: Stages; readonly progress: Progress; readonly cancelled: AbortSignal },
): Subject {
  const { setup } = plan
  const { stages, progress, cancelled } = run
  const orExited = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    orExit(service, cancelled, () => `in ${stages.current}`, work)
  const asking = <T>(
    ask: (endpoint: PprofEndpoint) => Promise<T>,
    limits: PprofLimits = PPROF_LIMITS,
  ): Promise<T> =>
    orExited((signal) =>
      ask(pprofEndpoint({ url: setup.pprofUrl, headers: plan.pprofHeaders }, signal, limits)),
    )
  const systemFacts = async (): Promise<SystemFacts> => {
    const { processes } = service
    const uptimeMs = program === undefined ? undefined : await processes?.uptimeOf(program.pid)
    return { ...(await processes?.resources()), ...(uptimeMs === undefined ? {} : { uptimeMs }) }
  }
  let allocated = 0
  return {
    look: async (name) => {
      const snapshot = await asking((endpoint) =>
        takeSnapshot(name, {
          endpoint,
          systemFacts,
          directory: join(plan.reportDirectory, 'profiles'),
          timed: (kind, work) => stages.time(kind, work),
        }),
      )
      const { totalAlloc } = snapshot.facts
      if (totalAlloc < allocated) throw restarted(stages.current, service)
      allocated = totalAlloc
      return snapshot
    },
    noise: (baseline) =>
      asking(async (endpoint) => {
        const { stats } = await stages.time('settling', () => settle(endpoint))
        const { residentBytes = 0 } = await systemFacts()
        return {
          heapAlloc: Math.abs(stats.heapAlloc - baseline.heapAlloc),
          heapObjects: Math.abs(stats.heapObjects - baseline.heapObjects),
          goroutines: 0,
          residentBytes: Math.abs(residentBytes - (baseline.residentBytes ?? 0)),
        }
      }),
    leakedGoroutines: () =>
      asking(async ({ leakedGoroutineProfile }) =>
        (await stages.time('snapshots', leakedGoroutineProfile))?.decode(),
      ),
    creators: () =>
      asking(async ({ goroutineDump }) =>
        parseCreators(await stages.time('snapshots', goroutineDump)),
      ),
    wait: (ms) =>
      orExited((signal) => stages.time('cool-down', () => sleep(ms, undefined, { signal }))),
    load: async (amount) => {
      const guard = await service.processes?.watch.limit(setup.memoryGuard)
      const onProgress = (answered: number): void => {
        progress.requests(answered, amount)
      }
      try {
        const { end, ...facts } = await stages.time('load', () =>
          orExited((signal) => {
            const { url, connections } = setup
            const stop = firstAbort(signal, ...(guard === undefined ? [] : [guard.signal]))
            const load = { url, requests: plan.requests, amount, connections, onProgress }
            const maxUnanswered = mostUnanswered(setup)
            return drive({ ...load, maxUnanswered, signal: stop.signal })
              .then(momentForExit)
              .finally(stop.release)
          }),
        )
        cancelled.throwIfAborted()
        if (end === 'no-answers') {
          const dump = await asking(({ goroutineDump }) => goroutineDump(), HURRIED_PPROF).catch(
            () => undefined,
          )
          if (dump !== undefined) await writeFile(join(plan.reportDirectory, DUMP_FILE), dump)
          throw hung(facts, stages.current, service, dump)
        }
        return guard?.signal.aborted === true
          ? { ...facts, cut: 'memory-guard', cutAt: guard.bytes }
          : facts
      } finally {
        guard?.release()
      }
    },
  }
}

const EXIT_MOMENT_MS = 200

/** A service that dies leaves requests unanswered before its exit is noticed. */
async function momentForExit(outcome: LoadOutcome): Promise<LoadOutcome> {
  if (outcome.unanswered > 0) await sleep(EXIT_MOMENT_MS)
  return outcome
}

/** With more requests unanswered than this, no further round can make the run valid. */
const mostUnanswered = ({ maxErrorRate, maxRounds, roundRequests }: Setup): number =>
  Math.ceil(maxErrorRate * maxRounds * roundRequests)

/** A service that hangs may not answer this either. */
const HURRIED_PPROF: PprofLimits = { ...PPROF_LIMITS, timeoutMs: 5000 }

/** Where every goroutine of a service that hangs waits: a file in the report directory. */
export const DUMP_FILE = 'goroutines.txt'

function hung(
  facts: Omit<LoadOutcome, 'end'>,
  stage: string,
  service: Service,
  dump: string | undefined,
): RunFailure {
  const where =
    dump === undefined ? '' : ` Where every goroutine waits is in ${DUMP_FILE} of report-dir.`
  return new RunFailure(
    'hung',
    `The service hangs in ${stage}: after ${plural(facts.answered, 'answer')} there was none for ${formatDuration(HANG_MS)}.`,
    {
      hint: `Look for a deadlock, or a pool that runs dry, behind requests.${where}`,
      log: service.lastLines(),
    },
  )
}

function restarted(stage: string, service: Service): RunFailure {
  return new RunFailure(
    'restarted',
    `The service was restarted in ${stage}: the counters of its runtime begin anew.`,
    {
      hint: 'Look why it ended, and let nothing restart it while it is measured; behind url and pprof-url there must be one process.',
      log: service.lastLines(),
    },
  )
}

function programFacts(program: Program | undefined): Partial<Platform> {
  if (program === undefined) return {}
  const { goVersion, mainModule } = program.info
  return {
    goVersion,
    ...(mainModule === undefined ? {} : { mainModule }),
    programProcesses: program.processes,
  }
}

function asFailure(
  error: unknown,
  stage: string,
  cancelled: AbortSignal,
  service: Service | undefined,
): Failure {
  if (cancelled.aborted) return { code: 'cancelled', stage, message: 'The run was cancelled.' }
  const log = (error instanceof RunFailure ? error.log : undefined) ?? service?.lastLines()
  if (!(error instanceof HeapgateError)) throw error
  return {
    code: failureCode(error),
    stage,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(log === undefined || log === '' ? {} : { log }),
  }
}

function masked(failure: Failure, secrets: readonly string[]): Failure {
  const { message, log } = failure
  return {
    ...failure,
    message: withoutSecrets(message, secrets),
    ...(log === undefined ? {} : { log: withoutSecrets(log, secrets) }),
  }
}

function failureCode(error: HeapgateError): Failure['code'] {
  if (error instanceof RunFailure) return error.code
  return error instanceof ProfileError ? 'bad-profile' : 'no-pprof'
}
