import { setTimeout as sleep } from 'node:timers/promises'
import type { MemStats } from './mem-stats.ts'
import type { PprofEndpoint } from './pprof-endpoint.ts'

/** Two looks agree when they differ by no more: the service answers our own questions meanwhile. */
const SAME_BYTES = 8 * 1024
const SAME_SHARE = 0.0001
const SAME_OBJECTS = 64
/** Finalizers and cleanups are only queued by a collection; they need a moment to run. */
const PAUSE_MS = 25
const MAX_COLLECTIONS = 10

/** What forces a collection, with and without a look at the counters. */
export type Collector = Pick<PprofEndpoint, 'collect' | 'shed'>

export interface Settled {
  readonly stats: MemStats
  readonly collections: number
  /** Whether two looks agreed within the bound; a service that works without load never does. */
  readonly settled: boolean
}

/**
 * Forces collections until two looks agree. The first two come at once, for what a sync.Pool keeps
 * survives the first (Go, src/sync/pool.go `poolCleanup`); after each further look finalizers get
 * their moment.
 */
export async function settle({ collect, shed }: Collector): Promise<Settled> {
  await shed()
  let before = await collect()
  for (let collections = 3; ; collections++) {
    await sleep(PAUSE_MS)
    const stats = await collect()
    const settled = agree(before, stats)
    if (settled || collections === MAX_COLLECTIONS) return { stats, collections, settled }
    before = stats
  }
}

function agree(a: MemStats, b: MemStats): boolean {
  const bytes = Math.abs(a.heapAlloc - b.heapAlloc)
  const objects = Math.abs(a.heapObjects - b.heapObjects)
  return (
    bytes <= Math.max(SAME_BYTES, a.heapAlloc * SAME_SHARE) &&
    objects <= Math.max(SAME_OBJECTS, a.heapObjects * SAME_SHARE)
  )
}
