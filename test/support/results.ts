import type {
  BrokenMeasurement,
  CompleteMeasurement,
  LoadFacts,
  Snapshot,
} from '../../src/verdict/measurement.ts'
import {
  type InvalidResult,
  type JudgedResult,
  type Place,
  RESULT_SCHEMA,
} from '../../src/verdict/result.ts'

const LOAD: LoadFacts = {
  asked: 100,
  answered: 100,
  unanswered: 0,
  failed: 0,
  statuses: { '200': 100 },
  durationMs: 50,
}

const snapshot = (name: string, heapAlloc: number): Snapshot => ({
  heapAlloc,
  heapObjects: 1000,
  inuseSpace: heapAlloc,
  inuseObjects: 1000,
  goroutines: 5,
  residentBytes: 2 * heapAlloc,
  period: 4096,
  collections: 2,
  settled: true,
  profile: `profiles/${name}.pb.gz`,
})

/** A measurement of two rounds that kept a megabyte each. */
export const COMPLETE: CompleteMeasurement = {
  kind: 'complete',
  setup: {
    run: './server',
    workingDirectory: '.',
    env: [],
    url: 'http://127.0.0.1:8080',
    pprofUrl: 'http://127.0.0.1:8080/debug/pprof',
    requests: [{ method: 'GET', path: '/' }],
    connections: 10,
    roundRequests: 100,
    rounds: 2,
    warmupRequests: 100,
    memProfileRate: 4096,
    memoryGuard: 2 ** 31,
    maxErrorRate: 0.01,
  },
  platform: { heapgate: '0.1.0', os: 'linux', arch: 'x64', goVersion: 'go1.26.8' },
  warmup: LOAD,
  baselineAt: 'after-warmup',
  baseline: snapshot('baseline', 1_000_000),
  rounds: [
    { load: LOAD, snapshot: snapshot('round-1', 2_000_000) },
    { load: LOAD, snapshot: snapshot('round-2', 3_000_000) },
  ],
  growth: { stacks: [], folded: { stacks: 0, bytes: [], objects: [] } },
  timings: [{ stage: 'boot', durationMs: 100 }],
}

/** A measurement that ended before it began. */
export const BROKEN: BrokenMeasurement = {
  kind: 'broken',
  setup: COMPLETE.setup,
  platform: COMPLETE.platform,
  rounds: [],
  failure: { code: 'exited', stage: 'boot', message: 'The service exited with status 1.' },
  timings: [],
}

/** A place in the user's own code; what is given wins. */
export const place = (given: Partial<Place> = {}): Place => ({
  function: 'main.handle',
  file: '/src/shop/main.go',
  path: 'main.go',
  line: 12,
  own: true,
  retained: { bytes: 2_000_000, objects: 200 },
  bytesPerRequest: 10_000,
  objectsPerRequest: 1,
  flat: { bytes: 2_000_000, objects: 200 },
  cum: { bytes: 2_000_000, objects: 200 },
  ...given,
})

/** A result that fails; what is given wins. */
export const failed = (given: Partial<JudgedResult> = {}): JudgedResult => ({
  schema: RESULT_SCHEMA,
  verdict: 'fail',
  reason: 'The service kept 1.91 MiB over 200 requests.',
  notes: [],
  retained: {
    bytes: 2_000_000,
    bytesPerRequest: 10_000,
    objects: 0,
    objectsPerRequest: 0,
    requests: 200,
    inuseSpace: 2_000_000,
    goroutines: 0,
  },
  budgets: [
    {
      name: 'max-retained',
      unit: 'bytes',
      limit: 2 ** 20,
      measured: 2_000_000,
      state: 'over',
    },
  ],
  growth: [place()],
  rounds: [
    { requests: 100, retainedBytes: 1e6, retainedObjects: 0, inuseSpace: 1e6, goroutines: 0 },
    { requests: 100, retainedBytes: 1e6, retainedObjects: 0, inuseSpace: 1e6, goroutines: 0 },
  ],
  measurement: COMPLETE,
  ...given,
})

/** A result of a run that can't be judged; what is given wins. */
export const invalid = (given: Partial<InvalidResult> = {}): InvalidResult => ({
  schema: RESULT_SCHEMA,
  verdict: 'invalid',
  reason: BROKEN.failure.message,
  notes: [],
  retained: null,
  budgets: [],
  growth: [],
  rounds: [],
  measurement: BROKEN,
  ...given,
})
