import { z } from 'zod'

/** `T` with nothing in it to assign to: data is not changed after it is handed on. */
export type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

const count = z.int().nonnegative()
const bytes = z.int()
const milliseconds = z.number().nonnegative()

const setup = z.strictObject({
  run: z.string().optional().describe('Absent where heapgate did not start the service'),
  build: z.string().optional(),
  instrument: z.string().optional().describe('The package main that pprof was compiled into'),
  workingDirectory: z.string().describe('As given, relative to the repository'),
  env: z.array(z.string()).describe('Names of the variables that were set; values are kept out'),
  url: z.string(),
  pprofUrl: z.string(),
  pprofHeaders: z
    .array(z.string())
    .describe('Names of the headers that pprof was asked with; values are kept out'),
  requests: z.array(z.strictObject({ method: z.string(), path: z.string() })),
  connections: count,
  roundRequests: count,
  rounds: count,
  warmupRequests: count,
  memProfileRate: count.describe('Bytes per heap sample that were asked for'),
  memoryGuard: count.describe('Resident bytes at which the load stops early'),
  maxErrorRate: z.number().min(0).max(1),
  maxRounds: count,
  coolDownMs: milliseconds.describe('The wait without load before a fail'),
})

const platform = z.strictObject({
  heapgate: z.string(),
  os: z.string(),
  arch: z.string(),
  goVersion: z.string().optional().describe("The service's, read from its binary"),
  mainModule: z.string().optional(),
  programProcesses: count.optional().describe('Processes that run it, when it was ready'),
})

const load = z.strictObject({
  asked: count.describe('Requests that were to be sent'),
  answered: count,
  unanswered: count.describe('Requests sent that got no answer: refused, reset or timed out'),
  failed: count.describe('Unanswered requests, and answers of 400 and above'),
  statuses: z.record(z.string(), count).describe('Answers by HTTP status'),
  durationMs: milliseconds,
  cut: z.enum(['memory-guard', 'service-exit']).optional().describe('What stopped it early'),
  cutAt: bytes.optional().describe('Resident bytes at which memory-guard stopped it'),
})

const snapshot = z.strictObject({
  heapAlloc: bytes.describe('MemStats.HeapAlloc after forced collections: exact live bytes'),
  heapObjects: count.describe('MemStats.HeapObjects: exact live objects'),
  totalAlloc: bytes.describe('MemStats.TotalAlloc: exact bytes allocated since its start'),
  inuseSpace: bytes.describe('Total of inuse_space in the heap profile: sampled'),
  inuseObjects: z.int(),
  goroutines: count,
  stackInuse: bytes.describe('MemStats.StackInuse: goroutine stacks, in no heap profile'),
  goMemory: bytes.describe('MemStats.Sys less HeapReleased: all that the runtime holds'),
  gcCount: z.int().describe('Collections that the service itself caused since its start'),
  gcCpuFraction: z
    .number()
    .describe('MemStats.GCCPUFraction: share of the CPU time in collections since the start'),
  uptimeMs: milliseconds.optional().describe('Since the start of the process; absent if unknown'),
  residentBytes: count
    .optional()
    .describe('Resident memory of all processes of the service; absent where they are not known'),
  threads: count.optional(),
  period: count.describe('Bytes per heap sample, as the profile says'),
  collections: count.describe('Forced collections until two looks agreed'),
  settled: z.boolean().describe('Whether two looks agreed within the bound'),
  profile: z.string().describe('The heap profile as fetched, a file in the report directory'),
})

const frame = z.strictObject({
  function: z.string(),
  file: z.string(),
  line: count,
  path: z.string().optional().describe('The file, relative to the repository, if it is inside'),
})

const stackGrowth = z.strictObject({
  frames: z.array(frame).describe('From the leaf, where the memory was allocated, to the root'),
  bytes: z.array(bytes).describe('inuse_space in each snapshot, the baseline first'),
  bytesError: z.number().nonnegative().describe('Standard error of their growth, from sampling'),
  cooled: bytes.optional().describe('inuse_space after the wait without load, if there was one'),
  objects: z.array(z.int()).describe('inuse_objects in each snapshot'),
})

const growth = z.strictObject({
  stacks: z.array(stackGrowth).describe('Call stacks that changed, the largest change first'),
  folded: z
    .strictObject({ stacks: count, bytes: z.array(bytes), objects: z.array(z.int()) })
    .describe('The sum of the smaller changes that are not listed'),
})

const goroutineStack = z.strictObject({
  frames: z.array(frame).describe('From where it waits to the function that was started'),
  createdBy: frame.optional().describe('The go statement that starts most of them'),
  counts: z.array(z.int()).describe('Goroutines in the baseline and in the last snapshot'),
})

const goroutines = z.strictObject({
  stacks: z.array(goroutineStack).describe('Stacks with a changed count, the largest gain first'),
  leaked: z
    .strictObject({ before: count, after: count, stacks: z.array(goroutineStack) })
    .optional()
    .describe('Goroutines that the runtime proves leaked; absent where it can’t tell'),
})

const noise = z
  .strictObject({ heapAlloc: count, heapObjects: count, goroutines: count, residentBytes: count })
  .describe('How far two looks without load between them differ')

const coolDown = z.strictObject({
  afterRounds: count.describe('Rounds before the wait'),
  waitedMs: milliseconds,
  snapshot,
})

const secondCoolDown = coolDown
  .optional()
  .describe('A second wait, rounds after one in which the growth went, but not that of every line')

const watched = z.strictObject({
  everyMs: milliseconds.describe('The length of one span of residentBytes'),
  residentBytes: z
    .array(count)
    .describe('The largest resident memory of all processes in each span, from the start on'),
  peakBytes: count,
  processes: count.describe('Processes when the service was ready, its shell too'),
  endedProcesses: count.describe('Those of them that had ended at the end of the run'),
  oomKills: count
    .optional()
    .describe('Processes killed for memory, as the kernel counts; absent where it does not tell'),
})

const timing = z.strictObject({ stage: z.string(), durationMs: milliseconds })

const failure = z.strictObject({
  code: z.enum([
    'instrument-failed',
    'build-failed',
    'port-in-use',
    'exited',
    'out-of-memory',
    'restarted',
    'hung',
    'not-ready',
    'no-pprof',
    'bad-profile',
    'cancelled',
  ]),
  stage: z.string().describe('What the gate was doing'),
  message: z.string().describe('One sentence: what went wrong'),
  hint: z.string().optional().describe('What to do about it'),
  log: z.string().optional().describe('The end of the output of the service or the build'),
})

const common = {
  setup,
  platform,
  warmup: load.optional(),
  watched: watched.optional().describe('What was seen of its processes; absent for foreign ones'),
  timings: z.array(timing).describe('Where the time of the gate went'),
}

const round = z.strictObject({ load, snapshot })

export const measurementSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('complete'),
    ...common,
    baselineAt: z
      .enum(['after-warmup', 'before-warmup'])
      .describe('before-warmup: the memory guard cut the warm-up, which then is the only round'),
    baseline: snapshot,
    noise,
    rounds: z.array(round).min(1),
    coolDown: coolDown.optional(),
    secondCoolDown,
    growth,
    goroutines,
  }),
  z.strictObject({
    kind: z.literal('broken'),
    ...common,
    baseline: snapshot.optional(),
    noise: noise.optional(),
    rounds: z.array(round),
    coolDown: coolDown.optional(),
    secondCoolDown,
    failure,
  }),
])

/** Facts of one run, never opinions; `measure` yields it, `judge` reads it. */
export type Measurement = DeepReadonly<z.infer<typeof measurementSchema>>
export type CompleteMeasurement = Extract<Measurement, { kind: 'complete' }>
export type BrokenMeasurement = Extract<Measurement, { kind: 'broken' }>

export type Setup = DeepReadonly<z.infer<typeof setup>>
export type Platform = DeepReadonly<z.infer<typeof platform>>
export type LoadFacts = DeepReadonly<z.infer<typeof load>>
export type Snapshot = DeepReadonly<z.infer<typeof snapshot>>
export type Round = DeepReadonly<z.infer<typeof round>>
export type Frame = DeepReadonly<z.infer<typeof frame>>
export type StackGrowth = DeepReadonly<z.infer<typeof stackGrowth>>
export type Noise = DeepReadonly<z.infer<typeof noise>>
export type CoolDown = DeepReadonly<z.infer<typeof coolDown>>
export type Goroutines = DeepReadonly<z.infer<typeof goroutines>>
export type GoroutineStack = DeepReadonly<z.infer<typeof goroutineStack>>
export type Growth = DeepReadonly<z.infer<typeof growth>>
export type Watched = DeepReadonly<z.infer<typeof watched>>
export type Timing = DeepReadonly<z.infer<typeof timing>>
export type Failure = DeepReadonly<z.infer<typeof failure>>
