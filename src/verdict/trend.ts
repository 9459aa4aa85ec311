/**
 * Whether a level that rose over its limit goes on rising. The rule and the figures that chose its
 * constants: docs/verdict.md.
 */

/** One quantity over a run: bytes, objects or goroutines. */
export interface Series {
  /** At the baseline, then after each round. */
  readonly levels: readonly number[]
  /** After the wait without load, and after a second one. */
  readonly cooled?: Cooled | undefined
  readonly cooledAgain?: Cooled | undefined
}

/** A level after a wait without load, and how many rounds came before it. */
export interface Cooled {
  readonly level: number
  readonly afterRounds: number
}

export interface TrendLimits {
  /** Growth allowed over `rounds` rounds; it grows in proportion when rounds are added. */
  readonly limit: number
  /** Changes up to this are no growth. */
  readonly noise: number
  /** Planned rounds, and the most there may be. */
  readonly rounds: number
  readonly maxRounds: number
}

/** Growth allowed over so many rounds: in proportion where they are more than planned. */
export function limitAfter({ limit, rounds }: TrendLimits, count: number): number {
  return limit * Math.max(1, count / rounds)
}

/** What a series turned out to be. */
export type Trend =
  /** Under its limit, and not on its way over it. */
  | 'within'
  /** Over the limit, and it goes on. */
  | 'leak'
  /** Over the limit, but the growth had stopped. */
  | 'plateau'
  /** Over the limit, but it went away without load, or as soon as load went on. */
  | 'drain'
  /** Over the limit between two rounds, but it rises and falls without a trend. */
  | 'saw-tooth'

/** What a series turned out to be, or what must be looked at to know. */
export type Reading =
  | { readonly kind: 'known'; readonly trend: Trend }
  /** `best` is what it is called when nothing more can be looked at. */
  | { readonly kind: 'open'; readonly next: 'round' | 'cool-down'; readonly best: Trend }

/** Share of the planned rounds after which a service that keeps nothing is let go. */
const EARLY_SHARE = 0.8
/** A clear pass leaves this much of the limit unused, whatever the rounds left out had grown. */
const CLEAR_SHARE = 0.8
/**
 * A tail is long enough to show a stop when it is this share of the load so far: `append` grows a
 * slice by a quarter, so a slice that leaks shows no shorter pause than that.
 */
const TAIL_SHARE = 0.28
/** A tail that grew by no more than this share of the whole growth has stopped. */
const FLAT_SHARE = 0.05
/** A round has grown when it adds this share of what a round of a steady leak adds. */
const STEADY_SHARE = 0.25
/** A fall of this share of the range makes a saw-tooth of a series. */
const FALL_SHARE = 0.25
/** Rounds beyond the planned ones before a saw-tooth is told from a leak beneath one. */
const SAW_TOOTH_ROUNDS = 3

/** Reads a series against its limit: a pure function, also of a series that is still growing. */
export function readTrend({ levels, cooled }: Series, limits: TrendLimits): Reading {
  const { noise, rounds, maxRounds } = limits
  const taken = levels.length - 1
  const base = levels[0] ?? 0
  const now = levels[taken] ?? base
  const growth = now - base
  const limit = limitAfter(limits, taken)
  const wasOver = (count: number): boolean =>
    (levels[count] ?? base) - base > limitAfter(limits, count)
  const more = (best: Trend): Reading =>
    taken < maxRounds ? { kind: 'open', next: 'round', best } : known(best)

  if (growth <= limit) {
    if (cooled !== undefined && wasOver(cooled.afterRounds)) return known('drain')
    if (taken < rounds) return isClear(levels, limits) ? known('within') : more('within')
    return isHeadingOver(levels, limits) ? more('within') : known('within')
  }
  if (taken < rounds) return more('leak')
  const risesAndFalls = falls(levels, noise)
  if (risesAndFalls) {
    if (taken < rounds + SAW_TOOTH_ROUNDS && taken < maxRounds) return more('saw-tooth')
    if (envelopeGrowth(levels) <= limit) return known('saw-tooth')
  }

  const tail = Math.max(2, Math.ceil(TAIL_SHARE * (taken + 1)))
  const flat = Math.max(noise, FLAT_SHARE * growth)
  const grewSince = (level: number, byLoad = growth): boolean =>
    now - level > Math.max(noise, steady(byLoad, taken))
  if (cooled === undefined) {
    const rest = levels.slice(Math.max(0, taken - tail))
    // Two levels of a saw-tooth may be alike and mean nothing.
    const since = risesAndFalls ? Math.min(...rest) : (rest[0] ?? base)
    const till = risesAndFalls ? Math.max(...rest) : now
    if (till - since <= flat) return known('plateau')
    if (grewSince(levels[taken - 1] ?? base))
      return { kind: 'open', next: 'cool-down', best: 'leak' }
    return taken < maxRounds ? more('leak') : { kind: 'open', next: 'cool-down', best: 'leak' }
  }

  const since = taken - cooled.afterRounds
  const before = levels[cooled.afterRounds] ?? base
  if (cooled.level - base <= limitAfter(limits, cooled.afterRounds)) return known('drain')
  if (since === 0) return more('leak')
  if (now < before - Math.max(noise, STEADY_SHARE * (before - base))) return known('drain')
  // What went in the wait and comes back is no growth; what came in it is none of a round's.
  const top = Math.max(cooled.level, before)
  if (grewSince(top, growth - (top - before))) return known('leak')
  return since >= tail ? known('plateau') : more('plateau')
}

/**
 * The growth per request that goes on: from the last level that was still near the baseline, so
 * that a leak that starts late is told at its own rate. A level that rises and falls comes near the
 * baseline by chance: its growth is that of all rounds.
 *
 * @param requests answered in each round
 */
export function steadyRate(
  levels: readonly number[],
  requests: readonly number[],
  noise: number,
): number {
  const base = levels[0] ?? 0
  const now = levels.at(-1) ?? base
  const near = Math.max(noise, FLAT_SHARE * (now - base))
  const lastNear = levels.slice(0, -1).findLastIndex((level) => level - base <= near)
  const onset = falls(levels, noise) ? 0 : Math.max(0, lastNear)
  const answered = requests.slice(onset).reduce((sum, count) => sum + count, 0)
  return answered === 0 ? 0 : (now - (levels[onset] ?? base)) / answered
}

const known = (trend: Trend): Reading => ({ kind: 'known', trend })

/** What a round adds at the least when the growth so far came evenly. */
const steady = (growth: number, taken: number): number => (STEADY_SHARE * growth) / taken

/** Whether the rounds left out could each have grown like the worst so far and still be within. */
function isClear(levels: readonly number[], { limit, noise, rounds }: TrendLimits): boolean {
  const taken = levels.length - 1
  if (taken < Math.ceil(EARLY_SHARE * rounds)) return false
  const growth = (levels[taken] ?? 0) - (levels[0] ?? 0)
  const worst = Math.max(0, ...steps(levels))
  return Math.max(growth, 0) + (rounds - taken) * worst + noise <= CLEAR_SHARE * limit
}

/** Whether rounds like the last one, as many as planned, would end over the limit. */
function isHeadingOver(levels: readonly number[], { limit, noise, rounds }: TrendLimits): boolean {
  const last = steps(levels).at(-1) ?? 0
  return last > noise && last * rounds > limit
}

/** What a quantity gained from the first look to the last. */
export const changeOf = (levels: readonly number[]): number =>
  (levels.at(-1) ?? 0) - (levels[0] ?? 0)

/** Whether there was more after every round, by what a steady leak adds at the least. */
export function risesInEveryRound(levels: readonly number[]): boolean {
  const least = steady(changeOf(levels), levels.length - 1)
  return steps(levels).every((step) => step > least)
}

/**
 * Whether a total stood still in every round while lines took so much: then what they take, another
 * gives, as in a cache that was filled at the start and is turned over now.
 */
export function standsStill(total: readonly number[], taken: number): boolean {
  const step = steady(taken, total.length - 1)
  return steps(total).every((change) => Math.abs(change) <= step)
}

/** What each round added. */
function steps(levels: readonly number[]): readonly number[] {
  return levels.slice(1).map((level, index) => level - (levels[index] ?? 0))
}

function falls(levels: readonly number[], noise: number): boolean {
  const range = Math.max(...levels) - Math.min(...levels)
  return steps(levels).some((step) => -step > Math.max(noise, FALL_SHARE * range))
}

/**
 * Growth beneath a saw-tooth: the rise of its troughs or of its peaks from the first half to the
 * second, whichever is less, for the whole series.
 */
function envelopeGrowth(levels: readonly number[]): number {
  const half = Math.floor(levels.length / 2)
  const first = levels.slice(0, half)
  const second = levels.slice(-half)
  const troughs = Math.min(...second) - Math.min(...first)
  const peaks = Math.max(...second) - Math.max(...first)
  return 2 * Math.min(troughs, peaks)
}
