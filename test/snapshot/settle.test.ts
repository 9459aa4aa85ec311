import { describe, expect, test } from '@jest/globals'
import type { MemStats } from '../../src/snapshot/mem-stats.ts'
import { settle, type Settled } from '../../src/snapshot/settle.ts'

const KIB = 1024

const look = (heapAlloc: number, heapObjects: number): MemStats => ({
  ...{ heapAlloc, heapObjects },
  ...{ totalAlloc: 0, stackInuse: 0, goMemory: 0, gcCount: 0, gcCpuFraction: 0 },
})

/** Settles on looks that were written down before; the last one is seen again and again. */
async function settleOn(...looks: (readonly [bytes: number, objects: number])[]): Promise<Settled> {
  const stats = looks.map(([heapAlloc, heapObjects]) => look(heapAlloc, heapObjects))
  return settle(() => {
    const [first = look(0, 0)] = stats
    if (stats.length > 1) stats.shift()
    return Promise.resolve(first)
  })
}

describe('a heap settles', () => {
  test('after two collections when two looks agree', async () => {
    expect(await settleOn([100, 10], [100, 10])).toEqual({
      stats: look(100, 10),
      collections: 2,
      settled: true,
    })
  })

  test('never after one, which leaves what a sync.Pool keeps: the later look counts', async () => {
    const { stats, collections } = await settleOn(
      [5000 * KIB, 10],
      [1000 * KIB, 5],
      [1000 * KIB, 5],
    )
    expect(stats).toMatchObject({ heapAlloc: 1000 * KIB, heapObjects: 5 })
    expect(collections).toBe(3)
  })

  test('when looks differ by what our own questions cost', async () => {
    expect(await settleOn([100 * KIB, 100], [108 * KIB, 164])).toMatchObject({ collections: 2 })
    expect(await settleOn([108 * KIB, 100], [100 * KIB, 100])).toMatchObject({ collections: 2 })
  })

  test('not while bytes or objects move by more', async () => {
    const looks = [
      [100 * KIB, 100],
      [109 * KIB, 100],
      [109 * KIB, 165],
      [109 * KIB, 165],
    ] as const
    expect(await settleOn(...looks)).toMatchObject({ collections: 4, settled: true })
  })

  test('with a bound that grows with a large heap', async () => {
    const gib = 2 ** 30
    expect(await settleOn([gib, 2e6], [gib + 100 * KIB, 2e6 + 190])).toMatchObject({
      collections: 2,
    })
    expect(
      await settleOn([gib, 2e6], [gib + 110 * KIB, 2e6], [gib, 2e6], [gib, 2e6]),
    ).toMatchObject({ collections: 4 })
  })

  test('not at all when the service works without load: that is said after ten collections', async () => {
    const looks = Array.from({ length: 20 }, (_, index) => [index * 1024 * KIB, 10] as const)
    expect(await settleOn(...looks)).toEqual({
      stats: look(9 * 1024 * KIB, 10),
      collections: 10,
      settled: false,
    })
  })

  test('not when a look fails', async () => {
    await expect(settle(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  })
})
