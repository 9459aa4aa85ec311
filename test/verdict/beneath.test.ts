import { describe, expect, test } from '@jest/globals'
import { asksBeneath, lookBeneath, readBeneath } from '../../src/verdict/beneath.ts'
import { nextLook } from '../../src/verdict/budgets.ts'
import { judge } from '../../src/verdict/judge.ts'
import type {
  CompleteMeasurement,
  CoolDown,
  Growth,
  StackGrowth,
} from '../../src/verdict/measurement.ts'
import type { JudgedResult } from '../../src/verdict/result.ts'
import { BUDGETS, frame, grown, measured, MIB, SETUP, stack } from '../support/measurement.ts'

/** A service told by what it holds after so many rounds and waits. */
interface Model {
  readonly total: (rounds: number, waits: number) => number
  /** What the line holds that goes on. */
  readonly line: (rounds: number) => number
  /** Of the line once more, after the first wait; as after the rounds where nothing is said. */
  readonly lineCooled?: (rounds: number) => number
}

const LINE = frame('main.subscribe', 'main.go', 29)

const LIMITS = { limit: MIB, noise: 1000, rounds: 5, maxRounds: 10 }

/** Looks as the gate does until nothing more is asked, and judges. */
function gate(
  model: Model,
  setup = SETUP,
): { measurement: CompleteMeasurement; result: JudgedResult } {
  const levels = [model.total(0, 0)]
  const waits: CoolDown[] = []
  const snapshots = (): ReturnType<typeof grown>[] => levels.map((level) => grown(level))
  const growth = (): Growth => {
    const held = levels.map((_, rounds) => model.line(rounds))
    const [first] = waits
    const cooled = first && (model.lineCooled ?? model.line)(first.afterRounds)
    const line: StackGrowth = {
      ...stack([LINE], held, 1000),
      ...(cooled === undefined ? {} : { cooled }),
    }
    return { stacks: [line], folded: { stacks: 0, bytes: [], objects: [] } }
  }
  const measurement = (): CompleteMeasurement => {
    const [coolDown, secondCoolDown] = waits
    return measured(snapshots(), {
      setup,
      growth: growth(),
      ...(coolDown === undefined ? {} : { coolDown }),
      ...(secondCoolDown === undefined ? {} : { secondCoolDown }),
    })
  }
  for (;;) {
    const facts = measurement()
    const look = levels.length === 1 ? 'round' : nextLook(BUDGETS, facts, setup)
    const beneath = asksBeneath(look, facts, setup)
      ? lookBeneath(BUDGETS, facts, setup, growth())
      : 'enough'
    const next = beneath === 'enough' ? look : beneath
    if (next === 'enough') break
    const rounds = levels.length - 1
    if (next === 'round') levels.push(model.total(rounds + 1, waits.length))
    else {
      const snapshot = grown(model.total(rounds, waits.length + 1))
      waits.push({ afterRounds: rounds, waitedMs: setup.coolDownMs, snapshot })
    }
    if (levels.length > setup.maxRounds + 1 || waits.length > 2) throw new Error('it never ends')
  }
  const result = judge(measurement(), BUDGETS)
  if (result.verdict === 'invalid') throw new Error(result.reason)
  return { measurement: measurement(), result }
}

/** Half a megabyte a round, by the line. */
const half = (rounds: number): number => (rounds * MIB) / 2

/** A cache that fills by eight megabytes a round, forgets all in a wait, and then fills slowly. */
const expiring =
  (kept: (rounds: number) => number) =>
  (rounds: number, waits: number): number =>
    kept(rounds) + MIB * ([8 * (rounds + 1), (rounds - 5) / 4][waits] ?? 0)

describe('a leak beside what goes in a wait', () => {
  const { measurement, result } = gate({ total: expiring(half), line: half })

  test('fails by what stays from the end of one wait to that of the next', () => {
    expect(result.verdict).toBe('fail')
    expect(result.reason).toBe(
      'The service kept 2.50 MiB over 10,000 requests between two waits without load (262 B per request); max-retained allows 1 MiB. ' +
        'Look first at main.subscribe (main.go:29). ' +
        'Other memory, which comes and goes, hides that from the total of all rounds.',
    )
    expect(result.budgets).toEqual([
      expect.objectContaining({
        measured: 2.5 * MIB,
        state: 'over',
        trend: 'leak',
        later: { start: 'cool-down', afterRounds: 5, bytes: 2.5 * MIB, requests: 10_000 },
      }),
    ])
  })

  test('is looked at for as many rounds again, and two waits in all', () => {
    const { rounds, coolDown, secondCoolDown } = measurement
    expect(rounds).toHaveLength(10)
    expect([coolDown?.afterRounds, secondCoolDown?.afterRounds]).toEqual([5, 10])
  })

  test('is looked at for two rounds more where they are clear', () => {
    const steep = (rounds: number): number => rounds * 1.25 * MIB
    const clear = gate({ total: expiring(steep), line: steep })
    expect(clear.result.budgets).toMatchObject([{ later: { bytes: 2.5 * MIB, requests: 4000 } }])
    expect(clear.measurement.rounds).toHaveLength(7)
  })

  test('is looked at for two rounds more however clear they are', () => {
    const after = (rounds: number): string => {
      const line = Array.from({ length: rounds + 1 }, (_, round) => 3 * MIB * round)
      const levels = line.map((level, round) => level + (round > 5 ? 0 : 15 * MIB * (round + 1)))
      const cooled = { level: 15 * MIB, afterRounds: 5 }
      const reading = readBeneath({ levels, cooled }, LIMITS, line)
      return reading.kind === 'open' ? reading.next : reading.kind
    }
    expect([5, 6, 7].map(after)).toEqual(['round', 'round', 'cool-down'])
  })

  test('is told by each budget in its own unit', () => {
    const budgets = { ...BUDGETS, maxRetainedPerRequest: 100 }
    const measuredBytes = judge(measurement, budgets).budgets.map((budget) => budget.measured)
    expect(measuredBytes).toEqual([2.5 * MIB, (2.5 * MIB) / 10_000])
  })

  test('is a warning that names the line where no more rounds may be added', () => {
    const few = gate({ total: expiring(half), line: half }, { ...SETUP, maxRounds: 5 })
    expect(few.result.verdict).toBe('warn')
    expect(few.result.reason).toContain('main.subscribe (main.go:29) kept more in every round')
    expect(few.measurement.secondCoolDown).toBeUndefined()
  })
})

test('a total that stopped, and goes in no wait, is waited for once', () => {
  const { measurement, result } = gate({
    total: (rounds) => Math.min(rounds, 5) * 4 * MIB,
    line: half,
  })
  expect(result.budgets).toMatchObject([{ trend: 'plateau' }])
  expect(measurement.coolDown).toBeDefined()
  expect(measurement.secondCoolDown).toBeUndefined()
})

describe('a leak beside a cache that expires as fast as it fills', () => {
  const standing = (rounds: number, waits: number): number =>
    half(rounds) + (waits === 0 ? 16 * MIB : 0)

  test('fails by what stays from the end of one wait to that of the next', () => {
    const { measurement, result } = gate({ total: standing, line: half })
    expect(result.budgets).toMatchObject([{ later: { start: 'cool-down', bytes: 2.5 * MIB } }])
    expect(measurement.secondCoolDown).toBeDefined()
  })

  test('is no leak where the line stops after the wait', () => {
    const stops = (rounds: number): number => half(Math.min(rounds, 5))
    const total = (rounds: number, waits: number): number =>
      stops(rounds) + (waits === 0 ? 16 * MIB : 0)
    expect(gate({ total, line: stops }).result.verdict).toBe('warn')
  })
})

describe('beside a cache that expires every third round', () => {
  const swing = (rounds: number, waits: number): number =>
    16 * MIB * (waits > 0 && [7, 10].includes(rounds) ? 0 : rounds % 3 === 0 ? 1 : 2)

  test('a leak fails by what stays from the end of one wait to that of the next', () => {
    const total = (rounds: number, waits: number): number => half(rounds) + swing(rounds, waits)
    const { measurement, result } = gate({ total, line: half })
    expect(result.reason).toBe(
      'The service kept 1.50 MiB over 6,000 requests between two waits without load (262 B per request); max-retained allows 1 MiB. ' +
        'Look first at main.subscribe (main.go:29). ' +
        'Other memory, which comes and goes, hides that from the total of all rounds.',
    )
    const { coolDown, secondCoolDown } = measurement
    expect([coolDown?.afterRounds, secondCoolDown?.afterRounds]).toEqual([7, 10])
  })

  test('a line that takes what another gives is a warning after two waits', () => {
    const { measurement, result } = gate({ total: swing, line: half })
    expect(result.verdict).toBe('warn')
    expect(measurement.secondCoolDown).toBeDefined()
  })

  test('a service without a line that goes on is waited for as its totals ask', () => {
    const { measurement, result } = gate({ total: swing, line: () => 0 })
    expect(result.verdict).toBe('pass')
    expect(measurement.coolDown).toBeUndefined()
  })
})

describe('what goes in a wait is no leak', () => {
  test('where no line goes on: it is waited for once', () => {
    const { measurement, result } = gate({ total: expiring(() => 0), line: () => 0 })
    expect(result.budgets).toMatchObject([{ trend: 'drain' }])
    expect(measurement.rounds).toHaveLength(5)
    expect(measurement.secondCoolDown).toBeUndefined()
  })

  test('where the line goes in it too', () => {
    const { result } = gate({ total: expiring(half), line: half, lineCooled: () => 0 })
    expect(result.reason).not.toContain('in every round')
    expect(result.verdict).toBe('warn')
  })

  test('where no more stays between the waits than the budget allows', () => {
    const { measurement, result } = gate({
      total: expiring((rounds) => rounds * 0.18 * MIB),
      line: (rounds) => rounds * 0.25 * MIB,
    })
    expect(measurement.secondCoolDown).toBeDefined()
    expect(result.budgets).toMatchObject([{ trend: 'drain' }])
  })

  test('where another line gives what the line takes: the total after the waits is the same', () => {
    const { measurement, result } = gate({ total: expiring(() => 0), line: half })
    expect(result.verdict).toBe('warn')
    expect(result.budgets).toMatchObject([{ trend: 'drain', state: 'over' }])
    expect(measurement.secondCoolDown).toBeDefined()
  })

  test.each([
    ['don’t explain what the total keeps', 1.5],
    ['take more than twice of what the total keeps', 0.22],
  ])('where the lines that go on %s', (_, share) => {
    const { measurement, result } = gate({
      total: expiring((rounds) => rounds * share * MIB),
      line: half,
    })
    expect(measurement.secondCoolDown).toBeDefined()
    expect(result.budgets[0]).not.toHaveProperty('later')
    expect(result.verdict).toBe('warn')
  })
})

describe('a leak after a table of the start went', () => {
  const total = (rounds: number): number => half(rounds) + (rounds < 2 ? 16 * MIB : 0)
  const { measurement, result } = gate({ total, line: half })

  test('fails by the rounds after that', () => {
    expect(result.verdict).toBe('fail')
    expect(result.reason).toMatch(
      /^The service kept [\d.]+ MiB over the last [\d,]+ requests \(262 B per request\); max-retained allows 1 MiB\. Look first at main\.subscribe \(main\.go:29\)\. Other memory went before that, which hides it from the total of all rounds\.$/,
    )
    expect(result.budgets).toMatchObject([{ trend: 'leak', later: { start: 'round' } }])
  })

  test('has waited once', () => {
    expect(measurement.coolDown).toBeDefined()
    expect(measurement.secondCoolDown).toBeUndefined()
  })

  test('is confirmed by a round after the wait', () => {
    const after = (rounds: number): string => {
      const levels = Array.from({ length: rounds + 1 }, (_, round) => total(round))
      const line = levels.map((_, round) => half(round))
      const cooled = { level: total(7) - MIB / 4, afterRounds: 7 }
      const reading = readBeneath({ levels, cooled }, LIMITS, line)
      return reading.kind === 'open' ? reading.next : reading.kind
    }
    expect([7, 8].map(after)).toEqual(['round', 'leak'])
  })

  test('is none where the lines that go on don’t explain what the total keeps', () => {
    const more = (rounds: number): number => 3 * half(rounds) + (rounds < 2 ? 16 * MIB : 0)
    expect(gate({ total: more, line: half }).result.verdict).toBe('warn')
  })

  test('and goes in the wait is none', () => {
    const drains = (rounds: number, waits: number): number => (waits === 0 ? total(rounds) : 0)
    const { measurement, result } = gate({ total: drains, line: half })
    expect(result.verdict).not.toBe('fail')
    expect(measurement.secondCoolDown).toBeUndefined()
  })
})

describe('a line that goes on', () => {
  test('beneath a total that stands still takes the place of another: the run ends early, and passes', () => {
    const { measurement, result } = gate({ total: () => 40 * MIB, line: half })
    expect(measurement.rounds).toHaveLength(4)
    expect(result.verdict).toBe('pass')
  })

  test('beneath a total that falls throughout is looked at for all rounds, and told', () => {
    const { measurement, result } = gate({
      total: (rounds) => 40 * MIB - 3 * MIB * rounds,
      line: half,
    })
    expect(measurement.rounds).toHaveLength(10)
    expect(result.verdict).toBe('warn')
    expect(result.reason).toContain('main.subscribe (main.go:29) kept more in every round')
  })
})

test('a leak of another budget asks for nothing more', () => {
  const levels = [0, 1, 2, 3, 4, 5, 6].map((rounds) => expiring(half)(rounds, rounds > 5 ? 1 : 0))
  const totals = levels.map((level, rounds) => grown(level, { goroutines: 5 + 100 * rounds }))
  const held = levels.map((_, rounds) => half(rounds))
  const line = { ...stack([LINE], held, 1000), cooled: half(5) }
  const growth = { stacks: [line], folded: { stacks: 0, bytes: [], objects: [] } }
  const snapshot = grown(half(5), { goroutines: 505 })
  const facts = measured(totals, { coolDown: { afterRounds: 5, waitedMs: 10_000, snapshot } })
  const look = (budgets: typeof BUDGETS): string => lookBeneath(budgets, facts, SETUP, growth)
  expect(look(BUDGETS)).toBe('round')
  expect(look({ ...BUDGETS, maxGoroutineGrowth: 50 })).toBe('enough')
})

test('a leak that the total shows asks for nothing more', () => {
  const { measurement, result } = gate({ total: half, line: half })
  expect(result.verdict).toBe('fail')
  expect(measurement.rounds).toHaveLength(6)
  expect(result.budgets[0]).not.toHaveProperty('later')
})
