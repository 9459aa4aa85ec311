import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type HeapSnapshot, takeSnapshot } from '../../src/snapshot/heap-snapshot.ts'
import type { PprofEndpoint } from '../../src/snapshot/pprof-endpoint.ts'
import { inScratch } from '../support/heapgate.ts'
import { recordedBytes } from '../support/recorded-profiles.ts'

const RECORDED = recordedBytes('go1.27-rate-4096/heap-1.pb.gz')

/** A snapshot of a service that answers as it is told. */
const take = (given: Partial<PprofEndpoint>, directory: string): Promise<HeapSnapshot> =>
  takeSnapshot('round-1', {
    endpoint: {
      collect: () => Promise.resolve({ heapAlloc: 5000, heapObjects: 50 }),
      heapProfile: () => Promise.resolve(RECORDED),
      goroutineCount: () => Promise.resolve(7),
      ...given,
    },
    residentBytes: () => Promise.resolve(1e6),
    directory,
    timed: async (_kind, work) => work(),
  })

describe('a snapshot', () => {
  test('holds the exact counters, the totals of the profile, and the profile as it was sent', () =>
    inScratch(async (directory) => {
      const { facts } = await take({}, directory)
      expect(facts).toMatchObject({
        heapAlloc: 5000,
        heapObjects: 50,
        goroutines: 7,
        residentBytes: 1e6,
        period: 4096,
        collections: 2,
        settled: true,
        profile: 'profiles/round-1.pb.gz',
      })
      expect(facts.inuseSpace).toBeGreaterThan(0)
      expect(RECORDED).toEqual(new Uint8Array(await readFile(join(directory, 'round-1.pb.gz'))))
    }))

  test('does not count goroutines of connections that are about to end', () =>
    inScratch(async (directory) => {
      const counts = [12, 9, 10]
      const goroutineCount = (): Promise<number> => Promise.resolve(counts.shift() ?? 99)
      expect((await take({ goroutineCount }, directory)).facts.goroutines).toBe(9)
    }))

  test('is none of what is no profile', () =>
    inScratch(async (directory) => {
      const heapProfile = (): Promise<Uint8Array> => Promise.resolve(Buffer.from('<html>'))
      await expect(take({ heapProfile }, directory)).rejects.toThrow()
    }))
})
