import type { BrokenMeasurement, CompleteMeasurement } from '../../src/verdict/measurement.ts'
import {
  type InvalidResult,
  type JudgedResult,
  type Place,
  RESULT_SCHEMA,
} from '../../src/verdict/result.ts'
import { grown, measured, SETUP } from './measurement.ts'

/** A measurement of two rounds that kept a megabyte each. */
export const COMPLETE: CompleteMeasurement = measured(
  [
    grown(0, { profile: 'profiles/baseline.pb.gz' }),
    grown(1e6, { profile: 'profiles/round-1.pb.gz' }),
    grown(2e6, { profile: 'profiles/round-2.pb.gz' }),
  ],
  {
    setup: { ...SETUP, rounds: 2, roundRequests: 100, warmupRequests: 100 },
    timings: [{ stage: 'boot', durationMs: 100 }],
  },
)

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
  latelyBytes: 1_000_000,
  bytesError: 20_000,
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
    inuseSpaceError: 20_000,
    goroutines: 0,
    leakedGoroutines: null,
    stackInuse: 0,
    allocatedBytes: 40_000_000,
    residentBytes: 3_000_000,
    outsideGo: 0,
    threads: 0,
    gcCount: 4,
    gcCpuFraction: 0.01,
  },
  budgets: [
    {
      name: 'max-retained',
      unit: 'bytes',
      perRequest: false,
      limit: 2 ** 20,
      measured: 2_000_000,
      state: 'over',
      trend: 'leak',
    },
  ],
  growth: [place()],
  ignored: [],
  goroutines: [],
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
  ignored: [],
  goroutines: [],
  rounds: [],
  measurement: BROKEN,
  ...given,
})
