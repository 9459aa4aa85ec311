import { expect, test } from '@jest/globals'
import { fuzz } from '../support/fuzz.ts'
import { recordedBytes, recordedNames } from '../support/recorded-profiles.ts'

test('a damaged profile is refused by our own error or is a valid profile, whatever the damage', async () => {
  const { counts, escapes } = await fuzz(recordedNames().map(recordedBytes), 1500, 7)
  expect(escapes).toEqual([])
  expect(counts.get('valid')).toBeGreaterThan(40)
  expect(counts.size).toBeGreaterThan(10)
})
