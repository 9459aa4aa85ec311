import { describe, expect, test } from '@jest/globals'
import { formatDuration, parseDuration } from '../../src/units/duration.ts'

describe('parseDuration', () => {
  test.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['0s', 0],
  ])('reads %s as %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '10', 's', '10 seconds', '-1s', '1h'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

test.each([
  [85.4, '85 ms'],
  [1400, '1.4 s'],
  [60_000, '1 m'],
  [125_000, '2 m 5 s'],
])('formatDuration writes %d ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
