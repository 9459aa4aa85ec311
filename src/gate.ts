import { resolve } from 'node:path'
import { measure } from './measure/measure.ts'
import { planOf, type Workplace } from './measure/plan-of-options.ts'
import type { GateOptions } from './options/table.ts'
import type { Progress } from './progress.ts'
import { quoteSources } from './quote-sources.ts'
import { maskLogs, prepareReportDirectory, writeReport } from './report-directory.ts'
import { withoutSecretsIn } from './secrets.ts'
import { freeLoopbackAddress } from './service/instrument.ts'
import { judge } from './verdict/judge.ts'
import type { Measurement, Timing } from './verdict/measurement.ts'
import type { Origin, Result } from './verdict/result.ts'

/** Where the gate runs and who watches. */
export interface Host extends Workplace {
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
  const places = [resolve(host.directory, options['working-directory']), host.repository]
  await prepareReportDirectory(plan.reportDirectory, places)

  const measurement = await measure(plan, host.progress, host.cancelled)
  await maskLogs(plan.reportDirectory, plan.secrets)
  const start = performance.now()
  const judged = judge(measurement, plan.budgets)
  const quoted = quoteSources(judged, host.repository)
  const timed = withTiming(quoted, { stage: 'judging', durationMs: performance.now() - start })
  const whole = host.origin === undefined ? timed : { ...timed, origin: host.origin }
  // The user's own command lines may hold one, and so may a line of source.
  const result = withoutSecretsIn(whole, plan.secrets)

  const resultFile = await writeReport(plan.reportDirectory, result)
  return { result, reportDirectory: plan.reportDirectory, resultFile }
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
