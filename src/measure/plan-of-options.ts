import { resolve, join } from 'node:path'
import { budgetsOf } from '../options/budgets.ts'
import type { GateOptions } from '../options/table.ts'
import { secretParts } from '../secrets.ts'
import { buildEnvironment, serviceEnvironment } from '../service/environment.ts'
import type { Readiness } from '../service/ready.ts'
import type { MeasurePlan } from './plan.ts'

/** Where the gate runs. */
export interface Workplace {
  /** What relative paths are relative to: absolute. */
  readonly directory: string
  /** The root of the repository, the only place from which source lines are read. */
  readonly repository: string
  readonly environment: NodeJS.ProcessEnv
  /** Values that the service under test must never see. */
  readonly secrets: readonly string[]
}

/**
 * What a measurement needs, from what the user asked for.
 *
 * @param instrumentAt where the service is to serve the pprof of `instrument`: `host:port`
 */
export function planOf(
  options: GateOptions,
  host: Workplace,
  instrumentAt: string | undefined,
): MeasurePlan {
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
    tokens: secretParts(host.secrets),
    headers: secretParts(Object.values(pprofHeaders)),
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
    // Many services print that they listen before they do.
    listensAt: url === undefined ? listeningOf(options, pprofUrl) : [],
    timeoutMs: options['ready-timeout'],
  }
}

/** Where the service must listen: at `url` and, where its pprof is its own, at that too. */
function listeningOf(options: GateOptions, pprofUrl: string): readonly string[] {
  // `expectInstrumented` looks for the pprof of `instrument`, and says more when it is not there.
  const all = options.instrument === undefined ? [options.url, pprofUrl] : [options.url]
  return all.filter(
    (url, index) =>
      all.findIndex((other) => new URL(other).origin === new URL(url).origin) === index,
  )
}
