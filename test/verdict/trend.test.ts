import { describe, expect, test } from '@jest/globals'
import { readTrend, type Series, steadyRate, type Trend } from '../../src/verdict/trend.ts'

const MIB = 2 ** 20
const LIMITS = { limit: MIB, noise: 16 * 1024, rounds: 5, maxRounds: 10 }

/** A service told by its level: after so many rounds, and some time after the load ended. */
interface Model {
  readonly level: (rounds: number) => number
  readonly afterWait?: (rounds: number) => number
}

interface Outcome {
  readonly trend: Trend
  readonly rounds: number
  readonly waited: boolean
}

/** Lets the rule ask for rounds and for the wait until it knows. */
function gate({ level, afterWait = level }: Model, limits = LIMITS): Outcome {
  const levels = [level(0)]
  let cooled: Series['cooled']
  for (;;) {
    const reading = readTrend({ levels, cooled }, limits)
    const rounds = levels.length - 1
    if (reading.kind === 'known')
      return { trend: reading.trend, rounds, waited: cooled !== undefined }
    if (levels.length > 50) throw new Error('the rule never knows')
    if (reading.next === 'round') levels.push(level(levels.length))
    else if (cooled !== undefined) throw new Error('the rule asks to wait twice')
    else cooled = { level: afterWait(rounds), afterRounds: rounds }
  }
}

/** Capacity of a slice that `append` grew to hold `length` elements, roughly as Go does. */
function capacity(length: number): number {
  let cap = 256
  while (cap < length) cap += Math.floor((cap + 768) / 4)
  return cap
}

describe('a service that keeps nothing', () => {
  test('is let go after four of five rounds', () => {
    expect(gate({ level: () => 5 * MIB })).toEqual({ trend: 'within', rounds: 4, waited: false })
  })

  test('is looked at longer when its noise could hide something', () => {
    const noise = [0, 200, -150, 850, 30, 120]
    const level = (round: number): number => 5 * MIB + (noise[round] ?? 0) * 1024
    expect(gate({ level })).toEqual({ trend: 'within', rounds: 5, waited: false })
  })

  test('may grow up to its limit', () => {
    expect(gate({ level: (round) => (round * MIB) / 5 }).trend).toBe('within')
  })
})

describe('a leak', () => {
  test('is confirmed by a round more than the planned ones, after a wait', () => {
    expect(gate({ level: (round) => round * MIB })).toEqual({
      trend: 'leak',
      rounds: 6,
      waited: true,
    })
  })

  test('is confirmed by a second round where one is planned', () => {
    const outcome = gate({ level: (round) => round * MIB }, { ...LIMITS, limit: 1000, rounds: 1 })
    expect(outcome).toEqual({ trend: 'leak', rounds: 2, waited: true })
  })

  test('is one just over the limit too', () => {
    expect(gate({ level: (round) => round * 0.21 * MIB }).trend).toBe('leak')
  })

  test.each([1, 2, 3])('is found when it starts after round %d', (start) => {
    expect(gate({ level: (round) => Math.max(0, round - start) * MIB }).trend).toBe('leak')
  })

  test('is found later still when more rounds are planned', () => {
    const level = (round: number): number => Math.max(0, round - 6) * MIB
    expect(gate({ level }, { ...LIMITS, rounds: 10, maxRounds: 15 }).trend).toBe('leak')
  })

  test.each([2000, 3000, 5000])(
    'is found in a slice that grows in steps, at %d requests a round',
    (requests) => {
      const level = (round: number): number => 16 * capacity((round + 1) * requests)
      expect(gate({ level }, { ...LIMITS, limit: 80_000 }).trend).toBe('leak')
    },
  )

  test('is found behind a cache that empties by itself', () => {
    const level = (round: number): number => round * MIB + Math.min(round, 3) * 4 * MIB
    expect(gate({ level, afterWait: (round) => round * MIB }).trend).toBe('leak')
  })

  test('is found beneath a saw-tooth', () => {
    const level = (round: number): number => round * MIB + ((round * 2000) % 3500) * 1024
    expect(gate({ level }).trend).toBe('leak')
  })

  test('is one that goes by time, of which the wait has more than the rounds', () => {
    let waited = 0
    const level = (round: number): number => round * 0.3 * MIB + waited
    const afterWait = (round: number): number => {
      waited = 30 * MIB
      return level(round)
    }
    expect(gate({ level, afterWait })).toMatchObject({ trend: 'leak', rounds: 6 })
  })

  test('is one even when it stops for the wait', () => {
    expect(
      gate({ level: (round) => 3 * round * MIB, afterWait: (round) => 3 * round * MIB - 1 }).trend,
    ).toBe('leak')
  })
})

describe('growth that stopped', () => {
  test.each([1, 2, 3, 4])('is a plateau when a cache is full in round %d', (full) => {
    const level = (round: number): number => Math.min(round, full - 0.25) * 2 * MIB
    expect(gate({ level })).toMatchObject({ trend: 'plateau', waited: false })
  })

  test.each([1, 2, 3, 4, 5, 6, 7])('is a plateau when it is one step in round %d', (late) => {
    const level = (round: number): number => (round >= late ? 5 * MIB : 0)
    expect(['plateau', 'within']).toContain(gate({ level }).trend)
  })
})

test('a series within its limit is no drain because another one made the gate wait', () => {
  const levels = [0, 1, 2, 3, 4, 5, 6].map((round) => round * 1024)
  expect(readTrend({ levels, cooled: { level: 5 * 1024, afterRounds: 5 } }, LIMITS)).toEqual({
    kind: 'known',
    trend: 'within',
  })
})

describe('readTrend', () => {
  const read = (mib: readonly number[], cooled?: number): unknown =>
    readTrend(
      {
        levels: mib.map((level) => level * MIB),
        cooled: cooled === undefined ? undefined : { level: cooled * MIB, afterRounds: 5 },
      },
      LIMITS,
    )

  test('lets the limit grow with the rounds that are added', () => {
    expect(read([0, 0, 0, 0, 0, 0.5, 1.1, 1.12])).toEqual({ kind: 'known', trend: 'within' })
  })

  test('looks on when rounds like the last one would break the limit', () => {
    expect(read([0, 0, 0, 0, 0, 0.5])).toMatchObject({ kind: 'open', next: 'round' })
    expect(read([0, 0, 0, 0, 0, 0.1])).toEqual({ kind: 'known', trend: 'within' })
  })

  test('calls no plateau what rises and falls, though two levels are alike by chance', () => {
    const plateau = { trend: 'plateau' }
    expect(read([0, 3, 1, 4, 6, 2, 6.2, 5, 8, 3.5, 6.3])).not.toMatchObject(plateau)
    expect(read([0, 3, 1, 4, 6, 2, 8, 5, 6, 3.5, 8])).not.toMatchObject(plateau)
  })

  test('takes rising troughs under level peaks for a saw-tooth', () => {
    expect(read([0, 8, 1, 8, 2, 8, 3, 8, 4])).toEqual({ kind: 'known', trend: 'saw-tooth' })
  })

  test('calls a drain what fell under the limit, not only what fell to nothing', () => {
    expect(read([0, 1, 2, 3, 4, 5], 0.9)).toEqual({ kind: 'known', trend: 'drain' })
    expect(read([0, 1, 2, 3, 4, 5], 1.1)).toMatchObject({ kind: 'open', next: 'round' })
  })
})

describe('growth that goes away', () => {
  test('is a drain when a cache expires without load', () => {
    const level = (round: number): number => round * MIB
    expect(gate({ level, afterWait: () => 0 })).toEqual({ trend: 'drain', rounds: 5, waited: true })
  })

  test('is a drain when it expires as soon as load goes on', () => {
    const level = (round: number): number => (round > 5 ? MIB * 1.3 : round * MIB)
    expect(gate({ level, afterWait: () => 5 * MIB }).trend).toBe('drain')
  })

  test('is a plateau when what expired comes back into tables that stayed', () => {
    // The levels of a map of keys that live for five seconds: Go's maps don't shrink.
    const mib = [0.73, 1.3, 1.39, 2.42, 2.52, 2.63, 2.16, 2.26, 2.35, 2.35, 2.35]
    const level = (round: number): number => (mib[round] ?? 2.35) * MIB
    expect(gate({ level, afterWait: () => 2.05 * MIB }).trend).not.toBe('leak')
  })

  test('is a saw-tooth when a batch is flushed', () => {
    for (const rows of [2900, 3500, 4500, 7000]) {
      const level = (round: number): number => (((round + 1) * 2000) % rows) * 1024
      expect(['saw-tooth', 'within']).toContain(gate({ level }).trend)
    }
  })
})

describe('steadyRate', () => {
  test('is growth per request over all rounds of a steady leak', () => {
    expect(steadyRate([0, 2000, 4000, 6000], [2, 2, 2], 10)).toBe(1000)
  })

  test('is told from where a late leak starts', () => {
    expect(steadyRate([50, 55, 50, 2050, 4050], [2, 2, 2, 2], 10)).toBe(1000)
  })

  test('takes a trough that comes near the baseline for no start', () => {
    expect(steadyRate([0, 4000, 100, 6000], [2, 2, 2], 10)).toBe(1000)
  })

  test('is 0 without requests', () => {
    expect(steadyRate([0], [], 10)).toBe(0)
  })
})
