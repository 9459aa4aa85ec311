import { HeapgateError } from '../errors.ts'
import type { Progress } from '../progress.ts'
import { keepReportDirectory } from '../report-directory.ts'
import { attach } from '../service/attach.ts'
import { boot } from '../service/boot.ts'
import { build } from '../service/build.ts'
import type { Program } from '../service/build-info.ts'
import { instrument } from '../service/instrument.ts'
import type { Service } from '../service/service.ts'
import { openSourceTree } from '../source/source-tree.ts'
import { Stages } from '../stages.ts'
import { UnwritableReport } from '../unwritable-report.ts'
import type { Measurement, Platform } from '../verdict/measurement.ts'
import { VERSION } from '../version.ts'
import { failureOf } from './failure.ts'
import { goroutinesOf } from './goroutines-of.ts'
import type { Known, Learn } from './known.ts'
import type { MeasurePlan } from './plan.ts'
import { takeSeries } from './snapshot-series.ts'
import { subjectOf } from './subject.ts'

/**
 * Boots the service, warms it up, and takes a snapshot before and after each round of requests.
 * The only stage that touches the service's processes and its network. It yields facts, never
 * opinions; a run that breaks is a measurement too. Nothing is left running, whatever happens.
 *
 * @throws UnwritableReport when what is measured can't be kept.
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
    const running = await meet(plan, stages, cancelled)
    service = running
    const program = await running.processes?.program()
    learn({ platform: { ...known.platform, ...programFacts(program) } })
    const subject = subjectOf(plan, running, program, { stages, progress, cancelled })
    const sources = openSourceTree(plan.repository)
    const series = await takeSeries(plan, subject, sources, stages, learn)
    learn(await watchedOf(running))
    stages.begin('stop')
    await stages.time('stop', () => running.stop(stopTimeoutMs, cancelled))
    stages.begin('analysis')
    const { platform, warmup, coolDown, secondCoolDown, watched } = known
    return {
      kind: 'complete',
      setup,
      platform,
      ...(warmup === undefined ? {} : { warmup }),
      ...(watched === undefined ? {} : { watched }),
      ...series.facts,
      ...(coolDown === undefined ? {} : { coolDown }),
      ...(secondCoolDown === undefined ? {} : { secondCoolDown }),
      growth: series.growth,
      goroutines: await stages.time('analysis', () => goroutinesOf(series, sources)),
      timings: stages.timings(),
    }
  } catch (error) {
    // Facts that can't be had must not keep the service from being stopped.
    if (service !== undefined) learn(await watchedOf(service).catch(() => ({})))
    await service?.stop(stopTimeoutMs, cancelled)
    const stage = stages.current
    const failure = cancelled.aborted
      ? ({ code: 'cancelled', stage, message: 'The run was cancelled.' } as const)
      : failureOf(asHeapgateError(error), stage, service?.lastLines(), plan.secrets)
    return { kind: 'broken', setup, ...known, failure, timings: stages.timings() }
  }
}

/** Builds and boots the service, or finds it running. */
async function meet(
  { service: plan, reportDirectory }: MeasurePlan,
  stages: Stages,
  cancelled: AbortSignal,
): Promise<Service> {
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
    await keepReportDirectory(reportDirectory)
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

function programFacts(program: Program | undefined): Partial<Platform> {
  if (program === undefined) return {}
  const { goVersion, mainModule } = program.info
  return {
    goVersion,
    ...(mainModule === undefined ? {} : { mainModule }),
    programProcesses: program.processes,
  }
}

/** Without a place to report to, the run ends; anything else is a mistake of ours: its stack tells. */
function asHeapgateError(error: unknown): HeapgateError {
  if (error instanceof HeapgateError && !(error instanceof UnwritableReport)) return error
  throw error
}
