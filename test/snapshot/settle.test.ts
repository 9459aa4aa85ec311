import { describe, expect, test } from '@jest/globals'
import type { MemStats } from '../../src/snapshot/mem-stats.ts'
import { type Collector, settle, type Settled } from '../../src/snapshot/settle.ts'

const KIB = 1024

const look = (heapAlloc: number, heapObjects: number): MemStats => ({
  ...{ heapAlloc, heapObjects },
  ...{ totalAlloc: 0, stackInuse: 0, goMemory: 0, gcCount: 0, gcCpuFraction: 0 },
})

/** The collections of a heap whose looks were written down before; the last is seen ever after. */
function heapOf(...looks: (readonly [bytes: number, objects: number])[]): Collector {
  const stats = looks.map(([heapAlloc, heapObjects]) => look(heapAlloc, heapObjects))
  const collect = (): Promise<MemStats> => {
    const [first = look(0, 0)] = stats
    if (stats.length > 1) stats.shift()
    return Promise.resolve(first)
  }
  return { collect, shed: () => collect().then(() => undefined) }
}

/** Settles on looks; the first collection is not looked at. */
const settleOn = (...looks: (readonly [bytes: number, objects: number])[]): Promise<Settled> =>
  settle(heapOf([5000 * KIB, 9000], ...looks))

describe('a heap settles', () => {
  test('when two looks agree, after the collection that empties what a sync.Pool keeps', async () => {
    expect(await settleOn([100, 10], [100, 10])).toEqual({
      stats: look(100, 10),
      collections: 3,
      settled: true,
    })
  })

  test('not before two looks agree: the later look counts', async () => {
    const { stats, collections } = await settleOn(
      [5000 * KIB, 10],
      [1000 * KIB, 5],
      [1000 * KIB, 5],
    )
    expect(stats).toMatchObject({ heapAlloc: 1000 * KIB, heapObjects: 5 })
    expect(collections).toBe(4)
  })

  test('when looks differ by what our own questions cost', async () => {
    expect(await settleOn([100 * KIB, 100], [108 * KIB, 164])).toMatchObject({ collections: 3 })
    expect(await settleOn([108 * KIB, 100], [100 * KIB, 100])).toMatchObject({ collections: 3 })
  })

  test('not while bytes or objects move by more', async () => {
    const looks = [
      [100 * KIB, 100],
      [109 * KIB, 100],
      [109 * KIB, 165],
      [109 * KIB, 165],
    ] as const
    expect(await settleOn(...looks)).toMatchObject({ collections: 5, settled: true })
  })

  test('with a bound that grows with a large heap', async () => {
    const gib = 2 ** 30
    expect(await settleOn([gib, 2e6], [gib + 100 * KIB, 2e6 + 190])).toMatchObject({
      collections: 3,
    })
    expect(
      await settleOn([gib, 2e6], [gib + 110 * KIB, 2e6], [gib, 2e6], [gib, 2e6]),
    ).toMatchObject({ collections: 5 })
  })

  test('not at all when the service works without load: that is said after ten collections', async () => {
    const looks = Array.from({ length: 20 }, (_, index) => [index * 1024 * KIB, 10] as const)
    expect(await settleOn(...looks)).toEqual({
      stats: look(8 * 1024 * KIB, 10),
      collections: 10,
      settled: false,
    })
  })

  test('not when a look fails', async () => {
    const { shed } = heapOf([0, 0])
    const collect = (): Promise<MemStats> => Promise.reject(new Error('gone'))
    await expect(settle({ shed, collect })).rejects.toThrow('gone')
  })
})
