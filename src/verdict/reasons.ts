import { formatBytes } from '../units/bytes.ts'
import { plural } from '../units/count.ts'
import { formatDuration } from '../units/duration.ts'
import { culprit } from './culprit.ts'
import { budgetFigure } from './figure.ts'
import type { CompleteMeasurement } from './measurement.ts'
import type { BudgetReading, Place, Retained } from './result.ts'

/** What the sentence about a verdict is made from. */
export interface ReasonFacts {
  readonly readings: readonly BudgetReading[]
  readonly retained: Retained
  readonly growth: readonly Place[]
  readonly measurement: CompleteMeasurement
}

/** Growth that goes on: how much, over which limit, where, and how it was confirmed. */
export function failReason(facts: ReasonFacts): string {
  const leaks = facts.readings.filter(({ trend }) => trend === 'leak')
  return sentences(
    `${growthOf(leaks, facts)}; ${limits(leaks)}`,
    where(leaks, facts),
    confirmation(facts),
  )
}

/** Growth over a limit that had stopped, or went away: which, and what does that. */
export function plateauReason(facts: ReasonFacts): string {
  const over = facts.readings.filter(({ state }) => state === 'over')
  const [first] = over
  const explanation = first === undefined ? '' : STOPPED[first.trend]
  return sentences(`${growthOf(over, facts)}; ${limits(over)}`, explanation, where(over, facts))
}

/** Within every budget, but near one. */
export function warnReason(facts: ReasonFacts): string {
  const near = facts.readings.filter(({ state }) => state === 'near')
  return sentences(`${growthOf(near, facts)}; ${limits(near)}`, where(near, facts))
}

/** Within every budget. */
export function passReason({ readings, retained, measurement }: ReasonFacts): string {
  const kept =
    retained.bytes > 0
      ? `kept ${formatBytes(retained.bytes)} over ${plural(retained.requests, 'request')}`
      : `kept nothing over ${plural(retained.requests, 'request')}`
  const { rounds, setup } = measurement
  const early =
    rounds.length < setup.rounds
      ? `${plural(rounds.length, 'round')} of ${setup.rounds.toString()} made that clear`
      : ''
  return sentences(`The service ${kept}; ${limits(readings)}`, early)
}

const STOPPED: Readonly<Record<BudgetReading['trend'], string>> = {
  within: '',
  leak: '',
  plateau: 'The growth had stopped in the last rounds, as that of a cache does when it is full',
  drain: 'It went away by itself, as a cache that expires or a batch that is written does',
  'saw-tooth': 'It rises and falls without a trend, as a batch that is written now and then does',
}

const sentences = (...parts: readonly string[]): string =>
  parts
    .filter((part) => part !== '')
    .map((part) => `${part}.`)
    .join(' ')

function growthOf(readings: readonly BudgetReading[], { retained }: ReasonFacts): string {
  const over = plural(retained.requests, 'request')
  const of = (unit: string, name: RegExp): boolean =>
    readings.some((reading) => reading.unit === unit && name.test(reading.name))
  const parts = [
    ...(of('bytes', /retained/) || of('objects', /retained/)
      ? [
          `kept ${formatBytes(retained.bytes)} over ${over} (${formatBytes(retained.bytesPerRequest)} per request)`,
        ]
      : []),
    ...(of('goroutines', /growth/)
      ? [`gained ${plural(retained.goroutines, 'goroutine')} over ${over}`]
      : []),
    ...(of('goroutines', /leaked/)
      ? [`leaked ${plural(retained.leakedGoroutines ?? 0, 'goroutine')} over ${over}`]
      : []),
    ...(of('bytes', /rss/)
      ? [`grew by ${formatBytes(retained.residentBytes ?? 0)} of resident memory over ${over}`]
      : []),
  ]
  return `The service ${parts.join(' and ')}`
}

const limits = (readings: readonly BudgetReading[]): string =>
  readings
    .map(
      (reading) =>
        `${reading.name} allows ${budgetFigure({ ...reading, perRequest: false }, reading.limit)}`,
    )
    .join(', ')

function where(readings: readonly BudgetReading[], { growth }: ReasonFacts): string {
  const isHeap = readings.some(({ name }) => name.startsWith('max-retained'))
  const top = culprit(growth)
  if (!isHeap || top === undefined) return ''
  const line = top.path === undefined ? '' : ` (${top.path}:${top.line.toString()})`
  return `Look first at ${top.function}${line}`
}

function confirmation({ measurement }: ReasonFacts): string {
  const { coolDown, rounds } = measurement
  if (coolDown === undefined) return ''
  const wait = formatDuration(coolDown.waitedMs)
  const confirmed = rounds.length > coolDown.afterRounds
  return `It did not drain in ${wait} without load${confirmed ? ', and went on after it' : ''}`
}
