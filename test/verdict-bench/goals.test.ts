import { describe, expect, test } from '@jest/globals'
import { type Goal, readGoals } from '../../scripts/verdict-bench/goals.ts'
import type { Trial } from '../../scripts/verdict-bench/trial.ts'

/** A leak of 1,000 B and one object a request, found and measured exactly; what is given wins. */
const leak = (given: Partial<Trial> = {}): Trial => ({
  name: 'leak-callbacks',
  truth: 'leak',
  verdict: 'fail',
  reason: '',
  right: true,
  blind: false,
  lineRight: true,
  sampled: true,
  kept: { bytesPerRequest: 1000, objectsPerRequest: 1 },
  measured: { bytesPerRequest: 1000, objectsPerRequest: 1 },
  objects: 12_000,
  seconds: 3,
  requestsPerSecond: 8000,
  rounds: 6,
  waited: true,
  ...given,
})

const missed = (...trials: Trial[]): Goal[] =>
  readGoals(trials).filter(({ state }) => state === 'missed')

describe('the goals of the bench are', () => {
  test('met by exact figures, and unasked where no run was of their kind', () => {
    const goals = readGoals([leak()])
    expect(goals.filter(({ state }) => state === 'met')).toHaveLength(5)
    expect(goals.filter(({ state }) => state === 'unasked').map(({ name }) => name)).toEqual([
      'the leak of 16 B a request found',
      'a fast clean service judged within 5 s',
    ])
  })

  test.each<[string, Partial<Trial>, string]>([
    ['a wrong verdict', { right: false }, '0 of 1'],
    ['a wrong line', { lineRight: false }, '0 of 1'],
    [
      'bytes that are 6 % off',
      { measured: { bytesPerRequest: 940, objectsPerRequest: 1 } },
      '6.0 % at worst',
    ],
    [
      'objects that are 2 % off',
      { measured: { bytesPerRequest: 1000, objectsPerRequest: 1.02 } },
      '2.0 % at worst',
    ],
    ['a fast service that takes 6 s', { seconds: 6 }, '6.0 s at worst'],
    ['the smallest leak let go', { name: 'leak-slice-append', verdict: 'pass' }, '0 of 1'],
  ])('missed by %s, even one of many', (_what, given, found) => {
    const goals = missed(leak(given))
    expect(goals.map((goal) => goal.found)).toEqual([found])
    expect(missed(leak(), leak(given), leak())).toHaveLength(1)
  })

  test.each<[string, Partial<Trial>]>([
    [
      'a wrong line where the profile was not sampled as asked',
      { lineRight: false, sampled: false },
    ],
    [
      'a leak that other memory hides where the profile is too coarse',
      { right: false, blind: true, sampled: false, lineRight: false },
    ],
    ['a slow service that takes longer', { seconds: 60, requestsPerSecond: 2999 }],
    [
      'the share of a small leak',
      {
        kept: { bytesPerRequest: 63, objectsPerRequest: 0.1 },
        measured: { bytesPerRequest: 90, objectsPerRequest: 0.2 },
      },
    ],
  ])('not missed by %s', (_what, given) => {
    expect(missed(leak(given))).toEqual([])
  })
})
