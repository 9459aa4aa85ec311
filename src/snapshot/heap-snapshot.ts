import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeProfile } from '../profile/decode.ts'
import type { Profile } from '../profile/profile.ts'
import { sampleTotal } from '../profile/sample-total.ts'
import type { Snapshot } from '../verdict/measurement.ts'
import type { PprofEndpoint } from './pprof-endpoint.ts'
import { settle } from './settle.ts'

/** One look at the service after forced collections: its facts, and the profiles behind them. */
export interface HeapSnapshot {
  readonly facts: Snapshot
  readonly heap: Profile
  readonly goroutines: Profile
}

export interface SnapshotSources {
  readonly endpoint: PprofEndpoint
  readonly resources: () => Promise<Pick<Snapshot, 'residentBytes' | 'threads'>>
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
  const { endpoint, directory, timed } = sources
  const { stats, collections, settled } = await timed('settling', () => settle(endpoint.collect))
  const file = `${name}.pb.gz`
  const fetched = await timed('snapshots', async () => {
    const heap = await endpoint.heapProfile()
    const goroutines = await endpoint.goroutineProfile()
    const resources = await sources.resources()
    await writeFile(join(directory, file), heap)
    await writeFile(join(directory, `${name}.goroutine.pb.gz`), goroutines)
    return { heap, goroutines, resources }
  })
  const [heap, goroutines] = await timed('analysis', () => [
    decodeProfile(fetched.heap),
    decodeProfile(fetched.goroutines),
  ])
  return {
    heap,
    goroutines,
    facts: {
      ...stats,
      inuseSpace: sampleTotal(heap, 'inuse_space'),
      inuseObjects: sampleTotal(heap, 'inuse_objects'),
      goroutines: sampleTotal(goroutines, 'goroutine'),
      ...fetched.resources,
      period: heap.period,
      collections,
      settled,
      profile: `profiles/${file}`,
    },
  }
}
