import { describe, expect, test } from '@jest/globals'
import { formatBytes, formatGrowth, parseBytes } from '../../src/units/bytes.ts'

describe('parseBytes', () => {
  test.each([
    ['4096', 4096],
    ['0', 0],
    ['1B', 1],
    ['1kB', 1000],
    ['1KB', 1000],
    ['512KiB', 524_288],
    ['2MB', 2_000_000],
    ['1.5MiB', 1_572_864],
    ['2 GiB', 2_147_483_648],
    ['1gb', 1_000_000_000],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  test.each(['', '1 megabyte', '-1', 'MB', '1e6', '0x10', '1TiB', '1.MiB', '99999999999GiB'])(
    'refuses %j',
    (text) => {
      expect(parseBytes(text)).toBeUndefined()
    },
  )
})

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1024, '1 KiB'],
    [1_007_616, '984 KiB'],
    [1_048_576, '1 MiB'],
    [1_500_000, '1.43 MiB'],
    [-2048, '-2 KiB'],
    [2 ** 50, '1024 TiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  test('writes growth with its sign, and nothing without one', () => {
    expect([formatGrowth(2048), formatGrowth(0), formatGrowth(-2048)]).toEqual([
      '+2 KiB',
      '0 B',
      '-2 KiB',
    ])
  })
})
