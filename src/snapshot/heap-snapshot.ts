import type { Profile } from '../profile/profile.ts'
import { sampleTotal } from '../profile/sample-total.ts'
import { writeReportFile } from '../unwritable-report.ts'
import type { Snapshot } from '../verdict/measurement.ts'
import type { PprofEndpoint } from './pprof-endpoint.ts'
import { settle } from './settle.ts'

/** One look at the service after forced collections: its facts, and the profiles behind them. */
export interface HeapSnapshot {
  readonly facts: Snapshot
  readonly heap: Profile
  readonly goroutines: Profile
}

/** What the system tells of the service, where its processes are known. */
export type SystemFacts = Pick<Snapshot, 'residentBytes' | 'threads' | 'uptimeMs'>

export interface SnapshotSources {
  readonly endpoint: PprofEndpoint
  readonly systemFacts: () => Promise<SystemFacts>
  /** Where the profiles go; `facts.profile` is relative to its parent. */
  readonly directory: string
  readonly timed: <T>(kind: string, work: () => T | Promise<T>) => Promise<T>
}

/**
 * Waits until the heap has come to rest and takes the snapshot called `name`.
 *
 * @throws PprofError, HttpError when pprof does not answer; ProfileError when it answers nonsense;
 *   UnwritableReport when the profiles can't be kept.
 */
export async function takeSnapshot(name: string, sources: SnapshotSources): Promise<HeapSnapshot> {
  const { endpoint, directory, timed } = sources
  const { stats, collections, settled } = await timed('settling', () => settle(endpoint))
  const file = `${name}.pb.gz`
  const fetched = await timed('snapshots', async () => {
    const early = await lookAtGoroutines(endpoint)
    // No collection since the last look: places and totals are of the same moment.
    const heap = await endpoint.heapProfile()
    const goroutines = fewer(early, await lookAtGoroutines(endpoint))
    const system = await sources.systemFacts()
    await writeReportFile(directory, file, heap.bytes)
    await writeReportFile(directory, `${name}.goroutine.pb.gz`, goroutines.bytes)
    return { heap, goroutines, system }
  })
  const { goroutines } = fetched
  const heap = await timed('analysis', fetched.heap.decode)
  return {
    heap,
    goroutines: goroutines.profile,
    facts: {
      ...stats,
      inuseSpace: sampleTotal(heap, 'inuse_space'),
      inuseObjects: sampleTotal(heap, 'inuse_objects'),
      goroutines: goroutines.count,
      ...fetched.system,
      period: heap.period,
      collections,
      settled,
      profile: `profiles/${file}`,
    },
  }
}

/** Goroutines that are there without load. */
export async function goroutineCount(endpoint: PprofEndpoint): Promise<number> {
  const early = await lookAtGoroutines(endpoint)
  return fewer(early, await lookAtGoroutines(endpoint)).count
}

interface GoroutineLook {
  readonly bytes: Uint8Array
  readonly profile: Profile
  readonly count: number
}

/** The look with fewer goroutines: that of a connection which was just closed lingers. */
const fewer = (a: GoroutineLook, b: GoroutineLook): GoroutineLook => (b.count < a.count ? b : a)

async function lookAtGoroutines(endpoint: PprofEndpoint): Promise<GoroutineLook> {
  const { bytes, decode } = await endpoint.goroutineProfile()
  const profile = decode()
  return { bytes, profile, count: sampleTotal(profile, 'goroutine') }
}
