import { formatBytes } from '../units/bytes.ts'
import { plural } from '../units/count.ts'
import { formatDuration } from '../units/duration.ts'
import { culprit } from './culprit.ts'
import { budgetFigure } from './figure.ts'
import type { LastingLine } from './lasting.ts'
import type { CompleteMeasurement } from './measurement.ts'
import { lineOf, perRequest } from './places.ts'
import type { BudgetReading, Place, Retained } from './result.ts'

/** What the sentence about a verdict is made from. */
export interface ReasonFacts {
  readonly readings: readonly BudgetReading[]
  readonly retained: Retained
  readonly growth: readonly Place[]
  readonly lasting: readonly LastingLine[]
  readonly measurement: CompleteMeasurement
}

/** Growth that goes on: how much, over which limit, where, and how it was confirmed. */
export function failReason(facts: ReasonFacts): string {
  const leaks = facts.readings.filter(({ trend }) => trend === 'leak')
  const [later] = leaks.flatMap((leak) => leak.later ?? [])
  if (later !== undefined && leaks.every((leak) => leak.later !== undefined)) {
    return sentences(
      `The service kept ${laterGrowth(later)}; ${limits(leaks)}`,
      where(leaks, facts),
      HIDDEN[later.start],
    )
  }
  return sentences(
    `${growthOf(leaks, facts)}; ${limits(leaks)}`,
    where(leaks, facts),
    confirmation(leaks, facts),
  )
}

type LaterGrowth = NonNullable<BudgetReading['later']>

function laterGrowth({ start, bytes, requests }: LaterGrowth): string {
  const each = formatBytes(perRequest(bytes, requests))
  return `${formatBytes(bytes)} over ${WHEN[start](plural(requests, 'request'))} (${each} per request)`
}

const WHEN: Readonly<Record<LaterGrowth['start'], (requests: string) => string>> = {
  round: (requests) => `the last ${requests}`,
  'cool-down': (requests) => `${requests} between two waits without load`,
}

/** Why the total of all rounds does not show it. */
const HIDDEN: Readonly<Record<LaterGrowth['start'], string>> = {
  round: 'Other memory went before that, which hides it from the total of all rounds',
  'cool-down': 'Other memory, which comes and goes, hides that from the total of all rounds',
}

/** Growth over a limit that had stopped, or went away: which, and what does that. */
export function plateauReason(facts: ReasonFacts): string {
  const over = facts.readings.filter(({ state }) => state === 'over')
  const [first] = over
  const explanation = first === undefined ? '' : STOPPED[first.trend]
  return sentences(
    `${growthOf(over, facts)}; ${limits(over)}`,
    explanation,
    facts.lasting.length > 0 ? lastingGrowth(facts) : where(over, facts),
  )
}

/** Within every budget, but near one, or with a line that goes on beneath the total. */
export function warnReason(facts: ReasonFacts): string {
  const near = facts.readings.filter(({ state }) => state === 'near')
  if (facts.lasting.length > 0) return sentences(total(facts), lastingGrowth(facts))
  return sentences(`${growthOf(near, facts)}; ${limits(near)}`, where(near, facts))
}

/** Within every budget. */
export function passReason(facts: ReasonFacts): string {
  const { rounds, setup } = facts.measurement
  const early =
    rounds.length < setup.rounds
      ? `${plural(rounds.length, 'round')} of ${setup.rounds.toString()} made that clear`
      : ''
  return sentences(total(facts), early)
}

function total({ readings, retained }: ReasonFacts): string {
  return `The service ${kept(retained)}; ${limits(readings)}`
}

function kept({ bytes, requests }: Retained): string {
  return `kept ${bytes > 0 ? formatBytes(bytes) : 'nothing'} over ${plural(requests, 'request')}`
}

/** What the total does not show. */
function lastingGrowth({ lasting, measurement }: ReasonFacts): string {
  const [most] = lasting
  if (most === undefined) return ''
  const { frame, bytes } = most
  const wait = measurement.coolDown === undefined ? '' : ', also through the wait'
  return `But ${frame.function} (${lineOf(frame)}) kept more in every round${wait}: ${formatBytes(bytes)} in all, while other memory went. Look there first`
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
      ? [retained.bytes > 0 ? `${kept(retained)} (${rate(retained)})` : kept(retained)]
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

/** A leak that starts late is told at its own rate, which that of all requests is below. */
function rate({ bytes, bytesPerRequest, requests }: Retained): string {
  const isLate = bytesPerRequest > (1 + LATE_SHARE) * perRequest(bytes, requests)
  return `${formatBytes(bytesPerRequest)} per request${isLate ? ' since it began' : ''}`
}

const LATE_SHARE = 0.01

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
  const line = top.path === undefined ? '' : ` (${lineOf(top)})`
  return `Look first at ${top.function}${line}`
}

/** A change in the wait of this share of the growth is told. */
const QUIET_SHARE = 0.05

function confirmation(
  leaks: readonly BudgetReading[],
  { measurement: { baseline, coolDown, rounds } }: ReasonFacts,
): string {
  if (coolDown === undefined) return ''
  const wait = formatDuration(coolDown.waitedMs)
  const { heapAlloc } = rounds[coolDown.afterRounds - 1]?.snapshot ?? baseline
  const change = coolDown.snapshot.heapAlloc - heapAlloc
  const isQuiet = Math.abs(change) <= QUIET_SHARE * Math.abs(heapAlloc - baseline.heapAlloc)
  const isHeap = leaks.some(({ name }) => name.startsWith('max-retained'))
  const what =
    isQuiet || !isHeap
      ? `It did not drain in ${wait} without load`
      : change < 0
        ? `${formatBytes(-change)} of it went in ${wait} without load`
        : `${formatBytes(change)} more came in ${wait} without load`
  return `${what}${rounds.length > coolDown.afterRounds ? ', and it went on after that' : ''}`
}
