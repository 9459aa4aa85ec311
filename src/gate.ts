import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { measure, type MeasurePlan } from './measure.ts'
import type { GateOptions } from './options/table.ts'
import type { Progress } from './progress.ts'
import { quoteSources } from './quote-sources.ts'
import { renderMarkdown } from './report/markdown.ts'
import { buildEnvironment, serviceEnvironment } from './service/environment.ts'
import { budgetsOf } from './options/budgets.ts'
import { judge } from './verdict/judge.ts'
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
  const plan = planOf(options, host)
  await clearProfiles(plan.reportDirectory)

  const measurement = await measure(plan, host.progress, host.cancelled)
  const judged = judge(measurement, plan.budgets)
  const quoted = quoteSources(judged, host.repository)
  const result = host.origin === undefined ? quoted : { ...quoted, origin: host.origin }

  const resultFile = join(plan.reportDirectory, 'result.json')
  await writeFile(resultFile, `${JSON.stringify(result, null, 2)}\n`)
  await writeFile(join(plan.reportDirectory, 'report.md'), renderMarkdown(result, Infinity))
  return { result, reportDirectory: plan.reportDirectory, resultFile }
}

function planOf(options: GateOptions, host: Host): MeasurePlan {
  const directory = resolve(host.directory, options['working-directory'])
  const reportDirectory = resolve(host.directory, options['report-dir'])
  const pprofUrl = options['pprof-url'] ?? `${options.url}/debug/pprof`
  const stopTimeoutMs = options['stop-timeout']
  const sources = {
    inherited: host.environment,
    secrets: host.secrets,
    given: options.env ?? [],
  }
  return {
    setup: {
      run: options.run,
      ...(options.build === undefined ? {} : { build: options.build }),
      workingDirectory: options['working-directory'],
      env: sources.given.map(([name]) => name),
      url: options.url,
      pprofUrl,
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
      run: options.run,
      directory,
      environment: serviceEnvironment(sources, options['mem-profile-rate']),
      addresses: [options.url, pprofUrl],
      readyUrl: options['ready-url'] ?? `${pprofUrl}/`,
      readyTimeoutMs: options['ready-timeout'],
      stopTimeoutMs,
      logFile: join(reportDirectory, 'service.log'),
    },
    requests: options.requests,
    reportDirectory,
    repository: host.repository,
  }
}

/** Takes away the profiles of an earlier run, which could be taken for this one's. */
async function clearProfiles(reportDirectory: string): Promise<void> {
  const directory = join(reportDirectory, 'profiles')
  await mkdir(directory, { recursive: true })
  const old = (await readdir(directory)).filter((name) => name.endsWith('.pb.gz'))
  await Promise.all(old.map((name) => rm(join(directory, name))))
}
