import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeProfile } from '../profile/decode.ts'
import type { Profile } from '../profile/profile.ts'
import { sampleTotal } from '../profile/sample-total.ts'
import type { Snapshot } from '../verdict/measurement.ts'
import type { PprofEndpoint } from './pprof-endpoint.ts'
import { settle } from './settle.ts'

/** One look at the service after forced collections: its facts, and the profile behind them. */
export interface HeapSnapshot {
  readonly facts: Snapshot
  readonly profile: Profile
}

export interface SnapshotSources {
  readonly endpoint: PprofEndpoint
  readonly residentBytes: () => Promise<number>
  /** Where the profiles go; `facts.profile` is relative to its parent. */
  readonly directory: string
  readonly timed: <T>(kind: string, work: () => T | Promise<T>) => Promise<T>
}

/**
 * Waits until the heap has come to rest and takes the snapshot called `name`.
 *
 * @throws PprofError, HttpError when pprof does not answer; ProfileError when it answers nonsense.
 */
export async function takeSnapshot(name: string, sources: SnapshotSources): Promise<HeapSnapshot> {
  const { endpoint, timed } = sources
  const { stats, collections, settled } = await timed('settling', () => settle(endpoint.collect))
  const file = `${name}.pb.gz`
  const { bytes, goroutines, residentBytes } = await timed('snapshots', async () => {
    const bytes = await endpoint.heapProfile()
    const goroutines = await goroutinesAtRest(endpoint)
    const residentBytes = await sources.residentBytes()
    await writeFile(join(sources.directory, file), bytes)
    return { bytes, goroutines, residentBytes }
  })
  const profile = await timed('analysis', () => decodeProfile(bytes))
  return {
    profile,
    facts: {
      ...stats,
      inuseSpace: sampleTotal(profile, 'inuse_space'),
      inuseObjects: sampleTotal(profile, 'inuse_objects'),
      goroutines,
      residentBytes,
      period: profile.period,
      collections,
      settled,
      profile: `profiles/${file}`,
    },
  }
}

const GOROUTINE_LOOKS = 3
const GOROUTINE_PAUSE_MS = 10

/** The least of a few counts: the goroutine of a connection that was just closed, ours too, lingers. */
async function goroutinesAtRest(endpoint: PprofEndpoint): Promise<number> {
  let least = await endpoint.goroutineCount()
  for (let look = 1; look < GOROUTINE_LOOKS; look++) {
    await sleep(GOROUTINE_PAUSE_MS)
    least = Math.min(least, await endpoint.goroutineCount())
  }
  return least
}
