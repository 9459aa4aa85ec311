import { describe, expect, test } from '@jest/globals'
import type { Budgets } from '../../src/verdict/budgets.ts'
import { judge } from '../../src/verdict/judge.ts'
import type { CompleteMeasurement, Snapshot, StackGrowth } from '../../src/verdict/measurement.ts'
import type { JudgedResult } from '../../src/verdict/result.ts'
import {
  BUDGETS,
  frame,
  grown,
  load,
  measured,
  MIB,
  SETUP,
  snapshot,
  stack,
} from '../support/measurement.ts'

const judged = (measurement: CompleteMeasurement, budgets: Partial<Budgets> = {}): JudgedResult => {
  const result = judge(measurement, { ...BUDGETS, ...budgets })
  if (result.verdict === 'invalid') throw new Error(result.reason)
  return result
}

const refused = (measurement: CompleteMeasurement, budgets: Partial<Budgets> = {}): string => {
  const result = judge(measurement, { ...BUDGETS, ...budgets })
  if (result.verdict !== 'invalid') throw new Error(`judged: ${result.verdict}`)
  return `${result.reason} ${result.hint ?? ''}`
}

/** A leak of a megabyte a round, after the wait and the round that confirms it. */
const LEAK = measured(
  [0, 1, 2, 3, 4, 5, 6].map((round) => grown(round * MIB)),
  {
    coolDown: { afterRounds: 5, waitedMs: 10_000, snapshot: grown(5 * MIB) },
  },
)
const PLATEAU = measured([0, 2, 4, 4, 4, 4].map((round) => grown(round * MIB)))
const QUIET_RUN = measured([0, 0, 0, 0, 0].map((round) => grown(round)))

describe('a leak', () => {
  test('fails, and the sentence has the figure, the limit, the place and how it was confirmed', () => {
    const place = stack(
      [frame('main.handle', 'main.go', 39)],
      [0, 1, 2, 3, 4, 5, 6].map((r) => r * MIB),
    )
    const { verdict, reason } = judged({ ...LEAK, growth: { ...LEAK.growth, stacks: [place] } })
    expect(verdict).toBe('fail')
    expect(reason).toBe(
      'The service kept 6 MiB over 12,000 requests (524 B per request); max-retained allows 1 MiB. ' +
        'Look first at main.handle (main.go:39). It did not drain in 10 s without load, and it went on after that.',
    )
  })

  test('says what went or came in the wait', () => {
    const waited = (level: number): string =>
      judged({
        ...LEAK,
        coolDown: { afterRounds: 5, waitedMs: 10_000, snapshot: grown(level * MIB) },
      }).reason
    expect(waited(3)).toContain('2 MiB of it went in 10 s without load, and it went on after that.')
    expect(waited(5.5)).toContain('512 KiB more came in 10 s without load')
  })

  test('fails whatever plateau says', () => {
    expect(judged(LEAK, { plateau: 'pass' }).verdict).toBe('fail')
  })

  test('is told per request from the round in which it starts', () => {
    const late = measured([0, 0, 0, 1, 2, 3, 4].map((round) => grown(round * 2 * MIB)))
    expect(judged(late).retained.bytesPerRequest).toBe((2 * MIB) / 2000)
    expect(judged(late).reason).toContain('(1.02 KiB per request since it began)')
  })
})

describe('growth that stopped or went away', () => {
  test.each([
    ['pass', 'pass'],
    ['warn', 'warn'],
    ['fail', 'fail'],
  ] as const)('is a %s where plateau says so', (plateau, verdict) => {
    expect(judged(PLATEAU, { plateau }).verdict).toBe(verdict)
  })

  test('is said to have stopped', () => {
    expect(judged(PLATEAU).reason).toContain('The growth had stopped in the last rounds')
    expect(judged(PLATEAU).budgets[0]).toMatchObject({ state: 'over', trend: 'plateau' })
  })

  test('is said to have gone away when it drained', () => {
    const drained = measured(
      [0, 1, 2, 3, 4, 5].map((round) => grown(round * MIB)),
      {
        coolDown: { afterRounds: 5, waitedMs: 10_000, snapshot: grown(0) },
      },
    )
    expect(judged(drained)).toMatchObject({ verdict: 'warn' })
    expect(judged(drained).reason).toContain('It went away by itself')
  })

  test('is said to have kept nothing where it ends below its start', () => {
    const fallen = measured(
      [5, 6, 7, 8, 9, 10, 2].map((level) => grown(level * MIB)),
      { coolDown: { afterRounds: 5, waitedMs: 10_000, snapshot: grown(5 * MIB) } },
    )
    expect(judged(fallen).reason).toMatch(/^The service kept nothing over 12,000 requests; /)
  })
})

describe('a service within its budgets', () => {
  test('passes, and says that fewer rounds were enough', () => {
    expect(judged(QUIET_RUN).reason).toBe(
      'The service kept nothing over 8,000 requests; max-retained allows 1 MiB. 4 rounds of 5 made that clear.',
    )
  })

  test('passes at its limit, and is warned of from warn-at on', () => {
    const at = (share: number): CompleteMeasurement =>
      measured([0, 0.2, 0.4, 0.6, 0.8, 1].map((part) => grown(Math.round(part * share * MIB))))
    expect(judged(at(0.75)).verdict).toBe('pass')
    expect(judged(at(0.85)).verdict).toBe('warn')
    expect(judged(at(0.85), { warnAt: 0.9 }).verdict).toBe('pass')
    expect(judged(at(1)).budgets[0]?.state).toBe('near')
  })
})

describe('the budgets', () => {
  const goroutines = [5, 25, 45, 65, 85, 105, 125]
  const more = measured(
    goroutines.map((count) => snapshot({ goroutines: count })),
    { coolDown: { afterRounds: 5, waitedMs: 1, snapshot: snapshot({ goroutines: 105 }) } },
  )

  test('judge bytes per request at the rate that goes on', () => {
    const budgets = judged(LEAK, { maxRetained: 1024 * MIB, maxRetainedPerRequest: 500 }).budgets
    expect(budgets[1]).toMatchObject({
      name: 'max-retained-per-request',
      state: 'over',
      trend: 'leak',
    })
    expect(budgets[1]?.measured).toBeCloseTo(MIB / 2000)
  })

  test('hold an amount per request against all planned rounds', () => {
    expect(judged(LEAK, { maxRetained: 1024 * MIB, maxRetainedPerRequest: 700 }).verdict).toBe(
      'pass',
    )
  })

  test('judge objects per request, also where the bytes are within theirs', () => {
    const { verdict, budgets } = judged(LEAK, {
      maxRetained: 1024 * MIB,
      maxRetainedObjectsPerRequest: 0.2,
    })
    expect(verdict).toBe('fail')
    expect(budgets[1]?.measured).toBeCloseTo(1024 / 2000)
  })

  test('judge goroutines', () => {
    const { verdict, reason } = judged(more, { maxGoroutineGrowth: 50 })
    expect(verdict).toBe('fail')
    expect(reason).toContain(
      'gained 120 goroutines over 12,000 requests; max-goroutine-growth allows 50 goroutines',
    )
    expect(judged(more, { maxGoroutineGrowth: 500 }).verdict).toBe('pass')
  })

  test('judge resident memory', () => {
    const resident = [20, 40, 60, 80, 100, 120, 140].map((mib) =>
      snapshot({ residentBytes: mib * MIB }),
    )
    const run = measured(resident, {
      coolDown: { afterRounds: 5, waitedMs: 1, snapshot: snapshot({ residentBytes: 120 * MIB }) },
    })
    expect(judged(run, { maxRssGrowth: 50 * MIB }).verdict).toBe('fail')
    expect(judged(run, { maxRssGrowth: 500 * MIB }).verdict).toBe('pass')
  })

  test('judge leaked goroutines one by one', () => {
    const leaked = { before: 1, after: 4, stacks: [] }
    const run = { ...QUIET_RUN, goroutines: { stacks: [], leaked } }
    expect(judged(run, { maxLeakedGoroutines: 0 })).toMatchObject({ verdict: 'fail' })
    expect(judged(run, { maxLeakedGoroutines: 3 }).verdict).toBe('warn')
    expect(judged(run, { maxLeakedGoroutines: 10 }).verdict).toBe('pass')
  })
})

describe('a run that can’t be judged', () => {
  test('is one that broke', () => {
    const { setup, platform } = QUIET_RUN
    const failure = { code: 'exited', stage: 'boot', message: 'It exited.', hint: 'Look.' } as const
    expect(
      judge({ kind: 'broken', setup, platform, rounds: [], timings: [], failure }, BUDGETS),
    ).toMatchObject({ verdict: 'invalid', reason: 'It exited.', hint: 'Look.', retained: null })
  })

  test('is one without an answer', () => {
    const silent = { ...load(0), asked: 2000, unanswered: 2000, failed: 2000 }
    const rounds = QUIET_RUN.rounds.map((round) => ({ ...round, load: silent }))
    expect(refused({ ...QUIET_RUN, rounds })).toContain('None of 8,000 requests was answered')
  })

  test('is one with more errors than allowed, even when it leaks', () => {
    const failing = (failed: number): CompleteMeasurement => ({
      ...LEAK,
      rounds: LEAK.rounds.map((round) => ({ ...round, load: load(2000, failed) })),
    })
    expect(refused(failing(21))).toContain('126 of 12,000 requests failed (1.05 %)')
    expect(judged(failing(20)).verdict).toBe('fail')
  })

  test('is one whose budget is below the noise of the service without load', () => {
    const noise = { ...QUIET_RUN.noise, heapAlloc: 2 * MIB }
    expect(refused({ ...QUIET_RUN, noise })).toMatch(
      /max-retained comes to 1 MiB .* differ by 2 MiB already/,
    )
  })

  test('is one that memory-guard cut before a budget was reached', () => {
    const [round] = QUIET_RUN.rounds
    if (round === undefined) throw new Error('no round')
    const cut = [{ ...round, load: { ...round.load, cut: 'memory-guard' as const } }]
    expect(refused({ ...QUIET_RUN, rounds: cut })).toContain('before a budget was reached')
  })

  test('is one asked for leaked goroutines where the runtime can’t tell', () => {
    expect(refused(QUIET_RUN, { maxLeakedGoroutines: 0 })).toContain(
      'needs the goroutineleak profile of Go 1.27 and newer; the service, built with go1.26.8, has none',
    )
  })
})

describe('ignored stacks', () => {
  const levels = [0, 1, 2, 3, 4, 5, 6].map((round) => round * MIB)
  const cache = stack(
    [frame('main.(*cache).put', 'cache.go'), frame('main.handle', 'main.go')],
    levels,
  )
  const run = { ...LEAK, growth: { ...LEAK.growth, stacks: [cache] } }

  test('are taken out of the growth, and shown with their reason', () => {
    const ignore = [{ pattern: String.raw`main\.\(\*cache\)\.`, reason: 'warms up for an hour' }]
    const { verdict, retained, ignored, growth } = judged(run, { ignore })
    expect(verdict).toBe('pass')
    expect(retained.bytes).toBe(0)
    expect(growth).toEqual([])
    expect(ignored).toEqual([
      { ...ignore[0], stacks: 1, retained: { bytes: 6 * MIB, objects: 6144 } },
    ])
  })

  test('match by any function of the stack', () => {
    expect(judged(run, { ignore: [{ pattern: '^main\\.handle$' }] }).verdict).toBe('pass')
  })

  test('are said to match nothing when they do', () => {
    const { verdict, notes } = judged(run, { ignore: [{ pattern: 'nobody' }] })
    expect(verdict).toBe('fail')
    expect(notes).toContain('ignore matches nothing that changed: nobody')
  })
})

describe('the notes', () => {
  test('say that the profile and the counters disagree by more than sampling explains', () => {
    const apart = measured([grown(0), grown(4 * MIB, { inuseSpace: 5 * MIB })])
    const note = judged(apart).notes.join()
    expect(note).toContain('The profile places 0 B ± 0 B of growth, the runtime counts 4 MiB')
    const error = stack([frame('main.a', 'a.go')], [0, 1], 2 * MIB)
    const within = { ...apart, growth: { ...apart.growth, stacks: [error] } }
    expect(judged(within).notes.join()).not.toContain('The profile places')
  })

  test('do not call apart what the few samples of a coarse rate come to', () => {
    const coarse = { period: 512 * 1024, inuseSpace: 5 * MIB }
    const few = stack([frame('main.a', 'a.go')], [0, MIB / 2], MIB / 2)
    const run = measured([
      grown(0, coarse),
      grown(3 * MIB, { ...coarse, inuseSpace: coarse.inuseSpace + MIB / 2 }),
    ])
    const notes = judged({ ...run, growth: { ...run.growth, stacks: [few] } }).notes.join()
    expect(notes).toContain('samples every 512 KiB')
    expect(notes).not.toContain('The profile places')
  })

  test('say that the rate is not the one asked for, and that it changed', () => {
    const other = [snapshot({ period: 524_288 }), snapshot({ period: 524_288 })]
    expect(judged(measured(other)).notes.join()).toContain('samples every 512 KiB, not every 4 KiB')
    expect(judged(measured([snapshot(), snapshot({ period: 1 })])).notes.join()).toContain(
      'The sampling rate of the heap profile changed during the run',
    )
  })

  test('tell of goroutines that came in every round, where no budget limits them', () => {
    const frames = [frame('runtime.gopark'), frame('main.fetch.func1', 'main.go', 22)]
    const rising = (counts: readonly number[]): CompleteMeasurement =>
      measured(
        counts.map((goroutines) => snapshot({ goroutines })),
        { goroutines: { stacks: [{ frames, counts: [5, counts.at(-1) ?? 0] }] } },
      )
    const leak = rising([5, 205, 405, 605, 805, 1005])
    expect(judged(leak).notes.join()).toContain(
      '1,000 goroutines in all, most of them at main.fetch.func1 (main.go:22)',
    )
    expect(judged(leak, { maxGoroutineGrowth: 5000 }).notes).toEqual([])
    expect(judged(rising([5, 805, 1005, 1005, 1005, 1005])).notes).toEqual([])
    expect(judged(rising([5, 7, 9, 11, 13, 15])).notes).toEqual([])
  })

  test('say how to tell a buffer that doubles from a cache that is full', () => {
    const levels = [0, 2, 4, 4, 4, 4].map((size) => size * MIB)
    const buffer = {
      ...stack([frame('main.record', 'main.go')], levels),
      objects: levels.map(() => 1),
    }
    const notes = (line: StackGrowth): string =>
      judged(
        measured(
          levels.map((level) => grown(level)),
          { growth: { stacks: [line], folded: { stacks: 0, bytes: [], objects: [] } } },
        ),
      ).notes.join()
    expect(notes(buffer)).toContain('main.record kept is in few large pieces')
    expect(notes({ ...buffer, objects: levels.map((bytes) => bytes / 1024) })).toBe('')
  })

  test('do not speak of doubling where growth goes on', () => {
    const levels = [0, 1, 2, 3, 4, 5, 6].map((size) => size * MIB)
    const buffer = {
      ...stack([frame('main.record', 'main.go')], levels),
      objects: levels.map(() => 1),
    }
    const growth = { ...LEAK.growth, stacks: [{ ...buffer, cooled: 5 * MIB }] }
    expect(judged({ ...LEAK, growth }).notes.join()).not.toContain('large pieces')
  })

  test('say that resident memory grew outside of Go', () => {
    const cgo = measured([snapshot(), snapshot({ residentBytes: 80 * MIB })])
    expect(judged(cgo).notes.join()).toContain('outside the Go runtime grew by 48 MiB or more')
  })

  test('do not take for that what Go held already, and touches only now', () => {
    const held = { goMemory: 60 * MIB }
    const { notes, retained } = judged(
      measured([snapshot(held), snapshot({ ...held, residentBytes: 80 * MIB })]),
    )
    expect(notes.join()).not.toContain('outside the Go runtime')
    expect(retained.outsideGo).toBe(0)
  })

  test('say that the heap never came to rest', () => {
    expect(judged(measured([snapshot(), snapshot({ settled: false })])).notes.join()).toContain(
      'never came to rest',
    )
  })
})

test('an empty measurement is judged without a crash', () => {
  const empty = measured([snapshot(), snapshot()], { setup: { ...SETUP, rounds: 1 } })
  expect(judged(empty)).toMatchObject({ verdict: 'pass', growth: [], rounds: [{ requests: 2000 }] })
})

test('tells the share of CPU time in collections of the load alone, where the age is known', () => {
  const before = { gcCpuFraction: 0.5, uptimeMs: 1000 }
  const after = { gcCpuFraction: 0.2, uptimeMs: 5000 }
  const share = (changes: readonly Partial<Snapshot>[]): number =>
    judged(measured(changes.map(snapshot))).retained.gcCpuFraction
  // Half of the first second, a fifth of five: 0.5 s of the four seconds between.
  expect(share([before, after])).toBeCloseTo(0.125)
  expect(share([{ gcCpuFraction: 0.5 }, { gcCpuFraction: 0.2 }])).toBe(0.2)
})
