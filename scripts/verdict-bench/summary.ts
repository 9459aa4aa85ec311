import { type Goal, percent } from './goals.ts'
import { errorOf, type Trial } from './trial.ts'

/** One line of the running table. */
export function trialRow(trial: Trial): string {
  const { right, blind, lineRight, waited } = trial
  return [
    right ? 'ok   ' : blind ? 'blind' : 'WRONG',
    trial.name.padEnd(30),
    trial.verdict.padEnd(7),
    signed(errorOf(trial, 'bytesPerRequest')).padStart(8),
    signed(errorOf(trial, 'objectsPerRequest')).padStart(8),
    (lineRight === undefined ? '' : lineRight ? 'line' : 'LINE').padStart(5),
    Math.round(trial.requestsPerSecond).toString().padStart(7),
    trial.rounds.toString().padStart(3),
    `${trial.seconds.toFixed(1)} s${waited ? ' + wait' : ''}`.padStart(12),
    right ? '' : trial.reason,
  ].join(' ')
}

export const ROW_HEADER = `      ${'service'.padEnd(30)} verdict    bytes  objects  line   req/s rounds      time`

const VERDICTS = ['fail', 'warn', 'pass', 'invalid'] as const

/** The confusion matrix: truths down, verdicts across. */
export function confusionMatrix(trials: readonly Trial[]): string {
  const rows = (['leak', 'clean'] as const).map((truth) => {
    const cells = VERDICTS.map((verdict) =>
      trials
        .filter((trial) => trial.truth === truth && trial.verdict === verdict)
        .length.toString()
        .padStart(8),
    )
    return truth.padEnd(6) + cells.join('')
  })
  const head = ' '.repeat(6) + VERDICTS.map((verdict) => verdict.padStart(8)).join('')
  return [head, ...rows].join('\n')
}

/** For each service: right verdicts and lines, the worst errors, and the median time. */
export function serviceTable(trials: readonly Trial[]): string {
  const head = `${'service'.padEnd(30)} ${'right'.padStart(7)} ${'line'.padStart(7)} ${'B/request'.padStart(10)} ${'worst'.padStart(8)} ${'objects'.padStart(8)} ${'worst'.padStart(8)} ${'median'.padStart(8)}`
  const rows = [...new Set(trials.map(({ name }) => name))].map((name) => {
    const own = trials.filter((trial) => trial.name === name)
    const placed = own.filter(({ lineRight }) => lineRight !== undefined)
    const kept = own.find((trial) => trial.kept !== undefined)?.kept
    return [
      name.padEnd(30),
      share(own, ({ right }) => right).padStart(7),
      (placed.length === 0 ? '' : share(placed, ({ lineRight }) => lineRight === true)).padStart(7),
      (kept?.bytesPerRequest.toFixed(0) ?? '').padStart(10),
      signed(worst(own, 'bytesPerRequest')).padStart(8),
      (kept?.objectsPerRequest.toFixed(3) ?? '').padStart(8),
      signed(worst(own, 'objectsPerRequest')).padStart(8),
      `${median(own.map(({ seconds }) => seconds)).toFixed(1)} s`.padStart(8),
    ].join(' ')
  })
  return [head, ...rows].join('\n')
}

/** The figures that no goal bounds. */
export function otherFigures(trials: readonly Trial[]): readonly string[] {
  const leaks = trials.filter(({ truth }) => truth === 'leak')
  const clean = trials.filter(({ truth }) => truth === 'clean')
  const found = leaks
    .filter(({ verdict }) => verdict === 'fail')
    .flatMap(({ kept }) => (kept === undefined ? [] : [kept.bytesPerRequest]))
  const offBy = leaks.flatMap(({ kept, measured }) =>
    kept === undefined || measured === undefined
      ? []
      : [Math.abs(measured.objectsPerRequest - kept.objectsPerRequest)],
  )
  const idle = clean
    .filter(({ verdict }) => verdict === 'pass')
    .flatMap(({ objects }) => (objects === undefined ? [] : [objects]))
  const seconds = (of: readonly Trial[]): string =>
    spread(
      of.map((trial) => trial.seconds),
      (value) => `${value.toFixed(1)} s`,
    )
  return [
    `smallest leak found: ${found.length === 0 ? 'none' : `${Math.min(...found).toFixed(1)} B per request`}`,
    `objects per request, off by: ${spread(offBy, (value) => value.toFixed(3))}`,
    `objects that a clean service that passes gains in its run: ${spread(idle, String)}`,
    `from ready to the verdict on a clean service: ${seconds(clean)}`,
    `from ready to the verdict on a leak, without the cool-down: ${seconds(leaks)}`,
  ]
}

/** The goals, one a line, each met or missed. */
export function goalLines(goals: readonly Goal[]): readonly string[] {
  return goals.map(({ name, found, state }) => `${state.padEnd(8)} ${name}: ${found}`)
}

function share(trials: readonly Trial[], holds: (trial: Trial) => boolean): string {
  return `${trials.filter(holds).length.toString()}/${trials.length.toString()}`
}

function worst(
  trials: readonly Trial[],
  figure: 'bytesPerRequest' | 'objectsPerRequest',
): number | undefined {
  return trials
    .flatMap((trial) => errorOf(trial, figure) ?? [])
    .reduce<number | undefined>(
      (most, error) => (most === undefined || Math.abs(error) > Math.abs(most) ? error : most),
      undefined,
    )
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function spread(values: readonly number[], say: (value: number) => string): string {
  if (values.length === 0) return 'no run'
  return `${say(median(values))} in the median, ${say(Math.max(...values))} at most`
}

const signed = (error: number | undefined): string =>
  error === undefined ? '' : `${error > 0 ? '+' : ''}${percent(error)}`
