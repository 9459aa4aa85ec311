import type { Budgets } from '../../src/verdict/budgets.ts'
import type {
  CompleteMeasurement,
  Frame,
  Setup,
  Snapshot,
  StackGrowth,
} from '../../src/verdict/measurement.ts'

export const MIB = 2 ** 20

export const SETUP: Setup = {
  run: './server',
  workingDirectory: '.',
  env: [],
  url: 'http://127.0.0.1:8080',
  pprofUrl: 'http://127.0.0.1:8080/debug/pprof',
  pprofHeaders: [],
  requests: [{ method: 'GET', path: '/' }],
  connections: 10,
  roundRequests: 2000,
  rounds: 5,
  maxRounds: 10,
  warmupRequests: 2000,
  memProfileRate: 4096,
  memoryGuard: 2 * 2 ** 30,
  maxErrorRate: 0.01,
  coolDownMs: 10_000,
}

export const BUDGETS: Budgets = { maxRetained: MIB, warnAt: 0.8, plateau: 'warn', ignore: [] }

const QUIET: Snapshot = {
  heapAlloc: 5 * MIB,
  heapObjects: 10_000,
  totalAlloc: 50 * MIB,
  inuseSpace: 5 * MIB,
  inuseObjects: 10_000,
  goroutines: 5,
  stackInuse: 300_000,
  goMemory: 12 * MIB,
  gcCount: 3,
  gcCpuFraction: 0.001,
  residentBytes: 20 * MIB,
  threads: 8,
  period: 4096,
  collections: 2,
  settled: true,
  profile: 'profiles/x.pb.gz',
}

export const snapshot = (changes: Partial<Snapshot> = {}): Snapshot => ({ ...QUIET, ...changes })

/** A snapshot of a heap that grew by so many bytes, which the profile places. */
export const grown = (bytes: number, changes: Partial<Snapshot> = {}): Snapshot =>
  snapshot({
    heapAlloc: QUIET.heapAlloc + bytes,
    inuseSpace: QUIET.inuseSpace + bytes,
    heapObjects: QUIET.heapObjects + Math.round(bytes / 1024),
    ...changes,
  })

export const frame = (name: string, path?: string, line = 10): Frame => ({
  function: name,
  file: path === undefined ? `/usr/lib/go/src/${name}.go` : `/shop/${path}`,
  line,
  ...(path === undefined ? {} : { path }),
})

/** A stack that has so many bytes in each snapshot, one object for each kilobyte. */
export const stack = (
  frames: readonly Frame[],
  bytes: readonly number[],
  bytesError = 0,
): StackGrowth => ({
  frames,
  bytes,
  bytesError,
  objects: bytes.map((count) => Math.round(count / 1024)),
})

/** A run that went through, told by the snapshots after the rounds. */
export function measured(
  snapshots: readonly Snapshot[],
  changes: Partial<CompleteMeasurement> = {},
): CompleteMeasurement {
  const [baseline = QUIET, ...after] = snapshots
  return {
    kind: 'complete',
    setup: SETUP,
    platform: { heapgate: 'test', os: 'linux', arch: 'x64', goVersion: 'go1.26.8' },
    baselineAt: 'after-warmup',
    baseline,
    noise: { heapAlloc: 2000, heapObjects: 4, goroutines: 0, residentBytes: 100_000 },
    rounds: after.map((taken) => ({ load: load(2000), snapshot: taken })),
    growth: { stacks: [], folded: { stacks: 0, bytes: [], objects: [] } },
    goroutines: { stacks: [] },
    timings: [],
    ...changes,
  }
}

/** A load of which so many requests were answered, and so many of those failed. */
export const load = (answered: number, failed = 0): CompleteMeasurement['rounds'][0]['load'] => ({
  asked: answered,
  answered,
  unanswered: 0,
  failed,
  statuses: failed === 0 ? { 200: answered } : { 200: answered - failed, 500: failed },
  durationMs: 200,
})
