import { describe, expect, test } from '@jest/globals'
import { EMPTY_SERIES, type MemorySeries, withLook } from '../../src/service/memory-series.ts'

const after = (...looks: readonly (readonly [atMs: number, bytes: number])[]): MemorySeries =>
  looks.reduce((series, [atMs, bytes]) => withLook(series, atMs, bytes), EMPTY_SERIES)

describe('the course of resident memory', () => {
  test('has the largest of the looks in each span', () => {
    const series = after([0, 5], [50, 9], [99, 7], [100, 3])
    expect(series).toEqual({ everyMs: 100, residentBytes: [9, 3] })
  })

  test('stays as it was where nobody looked', () => {
    expect(after([0, 5], [310, 8]).residentBytes).toEqual([5, 5, 5, 8])
    expect(after([250, 8]).residentBytes).toEqual([8, 8, 8])
  })

  test('makes two spans one instead of growing without end', () => {
    const looks = Array.from({ length: 1000 }, (_, index) => [100 * index, index] as const)
    const { everyMs, residentBytes } = after(...looks)
    expect(everyMs).toBe(800)
    expect(residentBytes).toHaveLength(125)
    expect(residentBytes.slice(0, 3)).toEqual([7, 15, 23])
    expect(after([0, 1], [10 ** 9, 2]).residentBytes.length).toBeLessThanOrEqual(240)
  })
})
