import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeProfile } from '../../src/profile/decode.ts'
import { encodeProfile } from '../../src/profile/encode.ts'
import { type HeapSnapshot, takeSnapshot } from '../../src/snapshot/heap-snapshot.ts'
import type { MemStats } from '../../src/snapshot/mem-stats.ts'
import type { FetchedProfile, PprofEndpoint } from '../../src/snapshot/pprof-endpoint.ts'
import { inScratch } from '../support/heapgate.ts'
import { recordedBytes } from '../support/recorded-profiles.ts'

const RECORDED = recordedBytes('go1.27-rate-4096/heap-1.pb.gz')

const STATS: MemStats = {
  heapAlloc: 5000,
  heapObjects: 50,
  totalAlloc: 90_000,
  stackInuse: 300,
  goMemory: 9000,
  gcCount: 2,
  gcCpuFraction: 0.01,
}

/** A goroutine profile of so many goroutines in one stack. */
function goroutines(count: number): Uint8Array {
  const recorded = decodeProfile(recordedBytes('go1.27-rate-4096/goroutine-1.pb.gz'))
  const { samples } = recorded
  const values = samples.values.map((_, index) => (index === 0 ? count : 0))
  return encodeProfile({ ...recorded, samples: { ...samples, values } })
}

const fetched = (bytes: Uint8Array): Promise<FetchedProfile> =>
  Promise.resolve({ bytes, decode: () => decodeProfile(bytes) })

/** A snapshot of a service that answers as it is told. */
const take = (given: Partial<PprofEndpoint>, directory: string): Promise<HeapSnapshot> =>
  takeSnapshot('round-1', {
    endpoint: {
      collect: () => Promise.resolve(STATS),
      shed: () => Promise.resolve(),
      heapProfile: () => fetched(RECORDED),
      goroutineProfile: () => fetched(goroutines(7)),
      goroutineDump: () => Promise.resolve(''),
      leakedGoroutineProfile: () => Promise.resolve(undefined),
      ...given,
    },
    systemFacts: () => Promise.resolve({ residentBytes: 1e6, threads: 9 }),
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
        totalAlloc: 90_000,
        goroutines: 7,
        stackInuse: 300,
        residentBytes: 1e6,
        threads: 9,
        period: 4096,
        collections: 3,
        settled: true,
        profile: 'profiles/round-1.pb.gz',
      })
      expect(facts.inuseSpace).toBeGreaterThan(0)
      expect(RECORDED).toEqual(new Uint8Array(await readFile(join(directory, 'round-1.pb.gz'))))
    }))

  test('does not count goroutines of connections that are about to end', () =>
    inScratch(async (directory) => {
      for (const counts of [
        [12, 9],
        [9, 12],
      ]) {
        const goroutineProfile = (): Promise<FetchedProfile> =>
          fetched(goroutines(counts.shift() ?? 99))
        expect((await take({ goroutineProfile }, directory)).facts.goroutines).toBe(9)
      }
    }))

  test('is none of what is no profile', () =>
    inScratch(async (directory) => {
      const heapProfile = (): Promise<FetchedProfile> => fetched(Buffer.from('<html>'))
      await expect(take({ heapProfile }, directory)).rejects.toThrow('an HTML page')
    }))
})
