/**
 * Whether a total that says "no leak" hides one: something else goes while a line keeps more in every
 * round. The exact total of a later start, which that does not reach, decides. docs/verdict.md tells
 * why.
 */
import { type Budgets, followBudgets, mostTelling, type NextLook } from './budgets.ts'
import { sift, sumOf } from './ignored.ts'
import { heapBudgets, lastingLines } from './lasting.ts'
import type { Growth, Setup } from './measurement.ts'
import type { RunFacts } from './series.ts'
import { limitAfter, readTrend, type Series, standsStill, type TrendLimits } from './trend.ts'

/** Growth of the exact total between two looks that are not the first and the last. */
export interface LaterGrowth {
  readonly bytes: number
  /** `round`: to the end of the run; `cool-down`: from the end of one wait to that of the next. */
  readonly start: 'round' | 'cool-down'
  /** Rounds before its start, and before its end. */
  readonly afterRounds: number
  readonly toRounds: number
}

/** What was found beneath a total, or what must be looked at to know. */
export type BeneathReading =
  | { readonly kind: 'leak'; readonly growth: LaterGrowth }
  | { readonly kind: 'open'; readonly next: 'round' | 'cool-down' }
  | { readonly kind: 'none' }

/** Lines and a total agree when neither grew by less than this share of the other. */
const AGREED_SHARE = 0.5

/** After so many rounds lines that kept so much of the limit are sure to show in the total. */
const CLEAR_ROUNDS = 2
const CLEAR_SHARE = 2

/** Of the planned rounds, this share must be left after a first wait for a second one to tell. */
const SECOND_WAIT_SHARE = 0.5

const NONE: BeneathReading = { kind: 'none' }
const round: BeneathReading = { kind: 'open', next: 'round' }
const wait: BeneathReading = { kind: 'open', next: 'cool-down' }

/**
 * Reads a total beneath which lines go on.
 *
 * - A table of the start went once: the last rounds, as many as planned, are read like a whole run.
 * - What load brings goes in the wait, or comes and goes: what stayed from the end of one wait to the
 *   end of a second one, with as many rounds between them as planned, or fewer where the lines are
 *   clear or no more are left, was brought by load and went by no wait.
 *
 * @param lasting what the lines that go on held in each snapshot
 */
export function readBeneath(
  { levels, cooled, cooledAgain }: Series,
  limits: TrendLimits,
  lasting: readonly number[],
): BeneathReading {
  const { rounds, maxRounds } = limits
  const taken = levels.length - 1
  if (isWaitDue(taken, cooled !== undefined, limits)) return wait
  const placed = (after: number, to: number): number => (lasting[to] ?? 0) - (lasting[after] ?? 0)
  const agrees = ({ bytes, afterRounds, toRounds }: LaterGrowth): boolean => {
    const ofLines = placed(afterRounds, toRounds)
    return Math.min(bytes, ofLines) >= AGREED_SHARE * Math.max(bytes, ofLines)
  }

  const start = (cooled?.afterRounds ?? taken) - rounds
  if (start >= 1) {
    const before = levels[start] ?? 0
    const late = readTrend(
      {
        levels: levels.slice(start),
        cooled: cooled && { ...cooled, afterRounds: cooled.afterRounds - start },
      },
      { ...limits, maxRounds: maxRounds - start },
    )
    if (late.kind === 'open') return late.next === 'round' ? round : wait
    const bytes = (levels[taken] ?? 0) - before
    const growth = { bytes, start: 'round', afterRounds: start, toRounds: taken } as const
    if (late.trend === 'leak' && agrees(growth)) return { kind: 'leak', growth }
  }
  if (cooled === undefined) return taken < maxRounds ? round : NONE

  const from = cooled.afterRounds
  const isClear = taken >= from + CLEAR_ROUNDS && placed(from, taken) > CLEAR_SHARE * limits.limit
  if (!isClear && taken < Math.min(from + rounds, maxRounds)) return round
  const sinceWait = [cooled.level, ...levels.slice(from + 1)]
  if (taken === from || standsStill(sinceWait, placed(from, taken))) return NONE
  if (cooledAgain === undefined) return wait
  const bytes = cooledAgain.level - cooled.level
  const to = cooledAgain.afterRounds
  const growth = { bytes, start: 'cool-down', afterRounds: from, toRounds: to } as const
  return bytes > limitAfter(limits, to - from) && agrees(growth) ? { kind: 'leak', growth } : NONE
}

/**
 * Whether a run that its totals ask `look` of must be looked at beneath them: when they ask nothing
 * more, and when rounds would go on until none are left after a wait.
 */
export function asksBeneath(look: NextLook, { rounds, coolDown }: RunFacts, setup: Setup): boolean {
  return look === 'enough' || isWaitDue(rounds.length, coolDown !== undefined, setup)
}

const isWaitDue = (
  taken: number,
  hasWaited: boolean,
  { rounds, maxRounds }: Pick<TrendLimits, 'rounds' | 'maxRounds'>,
): boolean =>
  !hasWaited &&
  taken >= Math.max(rounds, maxRounds - Math.ceil(SECOND_WAIT_SHARE * rounds)) &&
  taken < maxRounds

/** What a run must look at still for the lines beneath its totals. */
export function lookBeneath(
  budgets: Budgets,
  facts: RunFacts,
  setup: Setup,
  growth: Growth,
): NextLook {
  const followed = followBudgets(budgets, { ...facts, growth }, setup)
  const isLeak = followed.some(({ series, limits }) => {
    const reading = readTrend(series, limits)
    return reading.kind === 'known' && reading.trend === 'leak'
  })
  if (isLeak) return 'enough'
  const { stacks } = sift(growth, budgets.ignore).counted
  const lines = lastingLines(stacks, followed, facts.coolDown)
  if (lines.length === 0) return 'enough'
  const lasting = sumOf(lines, (line) => line.levels)
  const asked = heapBudgets(followed)
    .map(({ series, limits }) => readBeneath(series, limits, lasting))
    .flatMap((reading) => (reading.kind === 'open' ? [reading.next] : []))
  return mostTelling(asked)
}
