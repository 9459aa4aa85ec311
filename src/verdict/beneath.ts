/**
 * Whether a total that says "no leak" hides one: something else goes while a line keeps more in every
 * round. The exact total of a later start, which that does not reach, decides. docs/verdict.md tells
 * why.
 */
import { type Budgets, followBudgets, mostTelling, type NextLook } from './budgets.ts'
import { sift, sumOf } from './ignored.ts'
import { heapBudgets, lastingLines, standsStill } from './lasting.ts'
import type { Growth, Setup } from './measurement.ts'
import type { RunFacts } from './series.ts'
import { limitAfter, readTrend, type Series, type TrendLimits } from './trend.ts'

/** Growth of the exact total between two looks that are not the first and the last. */
export interface LaterGrowth {
  readonly bytes: number
  /**
   * `baseline`: until the wait without load; `round`: to the end of the run; `cool-down`: from the end
   * of one wait to the end of the next.
   */
  readonly start: 'baseline' | 'round' | 'cool-down'
  /** Rounds before its start, and before its end. */
  readonly afterRounds: number
  readonly toRounds: number
}

/** What was found beneath a total, or what must be looked at to know. */
export type BeneathReading =
  | { readonly kind: 'leak'; readonly growth: LaterGrowth }
  | { readonly kind: 'open'; readonly next: 'round' | 'cool-down' }
  | { readonly kind: 'none' }

/** Lines explain the growth of a total when they hold this share of it. */
const EXPLAINED_SHARE = 0.5
/** Growth is theirs alone from this share on. */
const OWNED_SHARE = 0.8

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
 * - The lines own the growth and stayed in the wait: what went then was there all the time.
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
  const leak = (growth: LaterGrowth): BeneathReading => {
    const { afterRounds, toRounds } = growth
    return placed(afterRounds, toRounds) >= EXPLAINED_SHARE * growth.bytes
      ? { kind: 'leak', growth }
      : NONE
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
    if (late.trend === 'leak') {
      const bytes = (levels[taken] ?? 0) - before
      return leak({ bytes, start: 'round', afterRounds: start, toRounds: taken })
    }
  }
  if (cooled === undefined) return round

  const base = levels[0] ?? 0
  const from = cooled.afterRounds
  const limit = limitAfter(limits, from)
  const grown = (levels[from] ?? 0) - base
  const wentInWait = cooled.level - base <= limit && grown > limit
  if (wentInWait && placed(0, from) >= OWNED_SHARE * grown) {
    return taken === from && taken < maxRounds
      ? round
      : leak({ bytes: grown, start: 'baseline', afterRounds: 0, toRounds: from })
  }
  const isClear = taken >= from + CLEAR_ROUNDS && placed(from, taken) > CLEAR_SHARE * limits.limit
  if (!isClear && taken < Math.min(from + rounds, maxRounds)) return round
  const sinceWait = [cooled.level, ...levels.slice(from + 1)]
  if (taken === from || standsStill(sinceWait, placed(from, taken))) return NONE
  if (cooledAgain === undefined) return wait
  const bytes = cooledAgain.level - cooled.level
  const to = cooledAgain.afterRounds
  return bytes > limitAfter(limits, to - from)
    ? leak({ bytes, start: 'cool-down', afterRounds: from, toRounds: to })
    : NONE
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
  !hasWaited && taken >= Math.max(rounds, maxRounds - Math.ceil(SECOND_WAIT_SHARE * rounds))

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
