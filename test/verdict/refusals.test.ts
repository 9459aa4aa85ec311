import { expect, test } from '@jest/globals'
import type { FollowedBudget } from '../../src/verdict/budgets.ts'
import { hiddenByNoise } from '../../src/verdict/refusals.ts'

const followed = (name: FollowedBudget['name'], limit: number): FollowedBudget => ({
  ...{ name, unit: 'bytes', limit, perRequest: false, series: { levels: [] } },
  limits: { limit, noise: 0, rounds: 5, maxRounds: 10 },
})
const NOISE = { heapAlloc: 1_363_944, heapObjects: 3500, goroutines: 0, residentBytes: 3_670_016 }

test('a budget is hidden when two looks without load differ by more, in its own quantity', () => {
  const retained = followed('max-retained', 2 ** 20)
  const resident = followed('max-rss-growth', 4 * 2 ** 20)
  expect(hiddenByNoise([resident, retained], NOISE)).toBe(retained)
  expect(hiddenByNoise([resident, followed('max-retained', 1_363_944)], NOISE)).toBeUndefined()
})
