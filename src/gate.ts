import { access, constants, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf, UsageError } from './errors.ts'
import { DUMP_FILE } from './measure/failure.ts'
import { measure } from './measure/measure.ts'
import type { MeasurePlan } from './measure/plan.ts'
import type { GateOptions } from './options/table.ts'
import type { Progress } from './progress.ts'
import { secretParts, withoutSecrets } from './secrets.ts'
import { quoteSources } from './quote-sources.ts'
import { renderMarkdown } from './report/markdown.ts'
import { freeLoopbackAddress } from './service/instrument.ts'
import { buildEnvironment, serviceEnvironment } from './service/environment.ts'
import type { Readiness } from './service/ready.ts'
import { budgetsOf } from './options/budgets.ts'
import { judge } from './verdict/judge.ts'
import type { Measurement, Timing } from './verdict/measurement.ts'
import type { Origin, Result } from './verdict/result.ts'

/** Where the gate runs and who watches. */
export interface Host {
  /** What relative paths are relative to: absolute. */
  readonly directory: string
  /** The root of the repository, the only place from which source lines are read. */
  readonly repository: string
  readonly environment: NodeJS.ProcessEnv
  /** Values that the service under test must never see. */
  readonly secrets: readonly string[]
  readonly origin: Origin | undefined
  readonly progress: Progress
  readonly cancelled: AbortSignal
}

/** What the gate leaves behind. */
export interface GateReport {
  readonly result: Result
  /** Absolute. */
  readonly reportDirectory: string
  /** result.json in it: absolute. */
  readonly resultFile: string
}

/**
 * The whole job: measure the service, judge what it kept, and write the report directory.
 *
 * A run that breaks is a result too, an `invalid` one.
 */
export async function gate(options: GateOptions, host: Host): Promise<GateReport> {
  const instrumentAt = options.instrument === undefined ? undefined : await freeLoopbackAddress()
  const plan = planOf(options, host, instrumentAt)
  await prepareReportDirectory(plan.reportDirectory)

  const measurement = await measure(plan, host.progress, host.cancelled)
  await maskLogs(plan)
  const start = performance.now()
  const judged = judge(measurement, plan.budgets)
  const quoted = quoteSources(judged, host.repository)
  const timed = withTiming(quoted, { stage: 'judging', durationMs: performance.now() - start })
  const result = host.origin === undefined ? timed : { ...timed, origin: host.origin }

  const resultFile = join(plan.reportDirectory, 'result.json')
  await writeFile(resultFile, `${JSON.stringify(result, null, 2)}\n`)
  await writeFile(join(plan.reportDirectory, 'report.md'), renderMarkdown(result, Infinity))
  return { result, reportDirectory: plan.reportDirectory, resultFile }
}

/** @param instrumentAt where the service is to serve the pprof of `instrument` */
function planOf(options: GateOptions, host: Host, instrumentAt: string | undefined): MeasurePlan {
  const directory = resolve(host.directory, options['working-directory'])
  const reportDirectory = resolve(host.directory, options['report-dir'])
  const pprofUrl =
    instrumentAt === undefined
      ? (options['pprof-url'] ?? `${options.url}/debug/pprof`)
      : `http://${instrumentAt}/debug/pprof`
  const pprofHeaders = Object.fromEntries(options['pprof-headers'] ?? [])
  const readiness = readinessOf(options, pprofUrl, pprofHeaders)
  const stopTimeoutMs = options['stop-timeout']
  const secrets = [...host.secrets, ...Object.values(pprofHeaders)]
  const sources = {
    inherited: host.environment,
    secrets: secretParts(secrets),
    given: options.env ?? [],
  }
  return {
    setup: {
      ...(options.run === undefined ? {} : { run: options.run }),
      ...(options.build === undefined ? {} : { build: options.build }),
      ...(options.instrument === undefined ? {} : { instrument: options.instrument }),
      workingDirectory: options['working-directory'],
      env: sources.given.map(([name]) => name),
      url: options.url,
      pprofUrl,
      pprofHeaders: Object.keys(pprofHeaders),
      requests: options.requests,
      connections: options.connections,
      roundRequests: options['round-requests'],
      rounds: options.rounds,
      warmupRequests: options['warmup-requests'] ?? options['round-requests'],
      memProfileRate: options['mem-profile-rate'],
      memoryGuard: options['memory-guard'],
      maxErrorRate: options['max-error-rate'],
      maxRounds: Math.max(options.rounds, options['max-rounds']),
      coolDownMs: options['cool-down'],
    },
    budgets: budgetsOf(options),
    service:
      options.run === undefined
        ? { kind: 'attach', readiness }
        : {
            kind: 'start',
            instrument:
              options.instrument === undefined || instrumentAt === undefined
                ? undefined
                : {
                    mainPackage: options.instrument,
                    directory,
                    environment: buildEnvironment(sources),
                    address: instrumentAt,
                    memProfileRate: options['mem-profile-rate'],
                  },
            build:
              options.build === undefined
                ? undefined
                : {
                    command: options.build,
                    directory,
                    environment: buildEnvironment(sources),
                    logFile: join(reportDirectory, 'build.log'),
                  },
            boot: {
              command: options.run,
              directory,
              environment: serviceEnvironment(sources, options['mem-profile-rate']),
              logFile: join(reportDirectory, 'service.log'),
              addresses: [options.url, pprofUrl],
              readiness,
              stopTimeoutMs,
            },
          },
    stopTimeoutMs,
    pprofHeaders,
    secrets,
    requests: options.requests,
    reportDirectory,
    repository: host.repository,
  }
}

/** Ready is what `ready-pattern` and `ready-url` say; without either, that the service's own pprof answers. */
function readinessOf(
  options: GateOptions,
  pprofUrl: string,
  pprofHeaders: Readonly<Record<string, string>>,
): Readiness {
  const pattern = options['ready-pattern']
  // The pprof that `instrument` compiles in answers before the service does.
  const byDefault = options.instrument === undefined ? `${pprofUrl}/` : undefined
  const url = options['ready-url'] ?? (pattern === undefined ? byDefault : undefined)
  const isPprofs = url !== undefined && new URL(url).origin === new URL(pprofUrl).origin
  return {
    url,
    // What opens pprof is for nobody else.
    headers: isPprofs ? pprofHeaders : {},
    pattern,
    listensAt: url === undefined && pattern === undefined ? options.url : undefined,
    timeoutMs: options['ready-timeout'],
  }
}

/** The result with the time of one more stage. */
function withTiming(result: Result, timing: Timing): Result {
  const added = <M extends Measurement>(measurement: M): M => ({
    ...measurement,
    timings: [...measurement.timings, timing],
  })
  return result.verdict === 'invalid'
    ? { ...result, measurement: added(result.measurement) }
    : { ...result, measurement: added(result.measurement) }
}

/** A service may print what it is asked with. Its logs are a few megabytes at the most. */
async function maskLogs({ reportDirectory, secrets }: MeasurePlan): Promise<void> {
  if (secrets.length === 0) return
  for (const name of LOGS) {
    const path = join(reportDirectory, name)
    const text = await readFile(path, 'latin1').catch(() => '')
    const masked = withoutSecrets(text, secrets)
    if (masked !== text) await writeFile(path, masked, 'latin1')
  }
}

const LOGS = ['build.log', 'service.log']
const REPORT_FILES = ['result.json', 'report.md', DUMP_FILE, ...LOGS]

/**
 * Makes the report directory, and takes away what an earlier run left in it, which could be taken
 * for this one's.
 *
 * @throws UsageError when it can't be written: before the run, not after it.
 */
async function prepareReportDirectory(reportDirectory: string): Promise<void> {
  const profiles = join(reportDirectory, 'profiles')
  try {
    await mkdir(profiles, { recursive: true })
    await Promise.all([reportDirectory, profiles].map((path) => access(path, constants.W_OK)))
    const old = (await readdir(profiles)).filter((name) => name.endsWith('.pb.gz'))
    const paths = [...REPORT_FILES, ...old.map((name) => join('profiles', name))]
    await Promise.all(paths.map((path) => rm(join(reportDirectory, path), { force: true })))
  } catch (error) {
    throw new UsageError(
      [`report-dir: ${reportDirectory}: ${messageOf(error)}`],
      'The report needs a directory that can be made and written.',
    )
  }
}
