import { errorOf, type Trial } from './trial.ts'

/** What the bench asks of the gate, and whether it was so. */
export interface Goal {
  readonly name: string
  /** What was measured, in words. */
  readonly found: string
  /** `unasked` when no run was of the kind that the goal is about. */
  readonly state: 'met' | 'missed' | 'unasked'
}

/** Leaks from this size on must be measured within `BYTES_SHARE`. */
const BYTES_FROM = 64
const BYTES_SHARE = 0.05
/**
 * Below this the objects of the runtime itself, which come and go whatever the service does, are
 * more than a hundredth of those that a run of 12,000 requests keeps.
 */
const OBJECTS_FROM = 0.5
const OBJECTS_SHARE = 0.01
/** A service that answers so many requests a second must be judged within `FAST_SECONDS`. */
const FAST_REQUESTS = 3000
const FAST_SECONDS = 5
/** The smallest leak that must be found, in bytes per request as kept by the service itself. */
const SMALLEST = 'leak-slice-append'

/** Holds the trials against the goals of the bench. */
export function readGoals(trials: readonly Trial[]): readonly Goal[] {
  const leaks = trials.filter(({ truth }) => truth === 'leak')
  const placeable = leaks.filter(({ sampled }) => sampled)
  const smallest = leaks.filter(({ name }) => name === SMALLEST)
  const large = leaks.filter(({ kept }) => (kept?.bytesPerRequest ?? 0) >= BYTES_FROM)
  const many = leaks.filter(({ kept }) => (kept?.objectsPerRequest ?? 0) >= OBJECTS_FROM)
  const fast = trials.filter(({ requestsPerSecond }) => requestsPerSecond >= FAST_REQUESTS)
  return [
    every(
      'no wrong verdict',
      trials.filter(({ blind }) => !blind),
      ({ right }) => right,
    ),
    every('the leak of 16 B a request found', smallest, ({ verdict }) => verdict === 'fail'),
    every('the right line of every leak', placeable, ({ lineRight }) => lineRight === true),
    atMost(
      `bytes per request within ${percent(BYTES_SHARE)} from ${BYTES_FROM.toString()} B on`,
      large.map((trial) => Math.abs(errorOf(trial, 'bytesPerRequest') ?? 0)),
      BYTES_SHARE,
      percent,
    ),
    atMost(
      `objects per request within ${percent(OBJECTS_SHARE)} from ${OBJECTS_FROM.toString()} on`,
      many.map((trial) => Math.abs(errorOf(trial, 'objectsPerRequest') ?? 0)),
      OBJECTS_SHARE,
      percent,
    ),
    ...(['clean', 'leak'] as const).map((kind) =>
      atMost(
        `a fast ${kind} service judged within ${FAST_SECONDS.toString()} s${kind === 'leak' ? ' and the cool-down' : ''}`,
        fast.filter(({ truth }) => truth === kind).map(({ seconds }) => seconds),
        FAST_SECONDS,
        (seconds) => `${seconds.toFixed(1)} s`,
      ),
    ),
  ]
}

function every(name: string, trials: readonly Trial[], holds: (trial: Trial) => boolean): Goal {
  const held = trials.filter(holds).length
  const found = `${held.toString()} of ${trials.length.toString()}`
  if (trials.length === 0) return { name, found: 'no run', state: 'unasked' }
  return { name, found, state: held === trials.length ? 'met' : 'missed' }
}

function atMost(
  name: string,
  values: readonly number[],
  limit: number,
  say: (value: number) => string,
): Goal {
  if (values.length === 0) return { name, found: 'no run', state: 'unasked' }
  const worst = Math.max(...values)
  return { name, found: `${say(worst)} at worst`, state: worst <= limit ? 'met' : 'missed' }
}

/** A share in words: `1.3 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
