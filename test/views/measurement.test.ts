import { describe, expect, test } from '@jest/globals'
import { label, percentage } from '../../src/views/measurement.ts'

describe('a value with its unit', () => {
  test.each([
    [0, 'bytes', 'minimum', '0'],
    [1023, 'bytes', 'minimum', '1023B'],
    [1024, 'bytes', 'minimum', '1kB'],
    [-1536, 'bytes', 'minimum', '-1.50kB'],
    [1536, 'bytes', 'B', '1536B'],
    [3 * 2 ** 20, 'bytes', 'kB', '3072kB'],
    [1, 'bytes', 'MB', '0'],
    [7, 'count', 'minimum', '7'],
    [7, 'count', 'B', '7B'],
    [1_500_000_000, 'nanoseconds', 'auto', '1.50s'],
    [90, 'nanoseconds', 's', '0'],
    [5, 'bytes', 'parsecs', '5B'],
    [5e6, 'nanoseconds', 'us', '5000us'],
    // Go counts the bytes of μ, and takes the s for a plural.
    [5e6, 'nanoseconds', 'μs', '0.01s'],
  ])('%d %s in %s is %s', (value, from, to, expected) => {
    expect(label(value, from, to)).toBe(expected)
  })

  test('rounds halves to the even digit, as Go does', () => {
    expect(label(128, 'bytes', 'kB')).toBe('0.12kB')
    expect(label(384, 'bytes', 'kB')).toBe('0.38kB')
    expect(label(640, 'bytes', 'kB')).toBe('0.62kB')
    expect(label(-640, 'bytes', 'kB')).toBe('-0.62kB')
  })
})

describe('a percentage', () => {
  test.each([
    [0, 5, '    0%'],
    [5, 0, '    0%'],
    [1, 1, '  100%'],
    [9996, 10000, '  100%'],
    [-1, 4, '25.00%'],
    [300, 100, '300.00%'],
    [1, 1000, '  0.1%'],
    [123, 100000, ' 0.12%'],
    [999, 100000, '    1%'],
    [1, 1e8, '1e-06%'],
    [15, 1e9, '1.5e-06%'],
    [125, 100000, ' 0.12%'],
    [375, 100000, ' 0.38%'],
  ])('of %d in %d is %j', (value, total, expected) => {
    expect(percentage(value, total)).toBe(expected)
  })
})
