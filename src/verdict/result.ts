import { z } from 'zod'
import { type DeepReadonly, measurementSchema } from './measurement.ts'

export const RESULT_SCHEMA = 'heapgate.result/1'

const budget = z.strictObject({
  name: z.enum([
    'max-retained',
    'max-retained-per-request',
    'max-retained-objects-per-request',
    'max-goroutine-growth',
    'max-leaked-goroutines',
    'max-rss-growth',
  ]),
  unit: z.enum(['bytes', 'objects', 'goroutines']),
  perRequest: z.boolean(),
  limit: z.number().nonnegative().describe('As the user set it'),
  measured: z.number().describe('Growth from the first snapshot to the last'),
  state: z.enum(['within', 'near', 'over']).describe('near: from warn-at of the limit on'),
  trend: z
    .enum(['within', 'leak', 'plateau', 'drain', 'saw-tooth'])
    .describe('Whether growth over the limit goes on'),
  later: z
    .strictObject({
      start: z
        .enum(['round', 'cool-down'])
        .describe('round: to the end; cool-down: between two waits'),
      afterRounds: z.int().nonnegative(),
      bytes: z.int(),
      requests: z.int().nonnegative(),
    })
    .optional()
    .describe(
      'Where other memory hid the leak: growth over other rounds, which is what measured is',
    ),
})

const amount = z.strictObject({ bytes: z.int(), objects: z.int() })

const excerpt = z.strictObject({
  firstLine: z.int().positive(),
  lines: z.array(z.string()),
})

const place = z.strictObject({
  function: z.string().describe('First frame of the user’s own code; the leaf where there is none'),
  file: z.string(),
  line: z.int().nonnegative(),
  path: z.string().optional().describe('The file, relative to the repository'),
  own: z.boolean().describe('Whether the function is code of this repository'),
  allocatedIn: z.string().optional().describe('The function that allocated, if it is another'),
  noise: z.string().optional().describe('The rule that names it as noise of the runtime'),
  retained: amount.describe('Growth of the stacks told by this place'),
  latelyBytes: z.int().describe('What of it came in the last half of the rounds'),
  lasting: z
    .literal(true)
    .optional()
    .describe('That its line alone kept more than the budgets allow, and more in every round'),
  bytesError: z.number().describe('Standard error of retained.bytes, from sampling'),
  bytesPerRequest: z.number(),
  objectsPerRequest: z.number(),
  flat: amount.describe('Growth allocated in the function itself, as pprof counts it'),
  cum: amount.describe('Growth allocated in it or below it, as pprof counts it'),
  source: excerpt.optional(),
})

const roundGrowth = z.strictObject({
  requests: z.int().nonnegative(),
  retainedBytes: z.int(),
  retainedObjects: z.int(),
  inuseSpace: z.int(),
  goroutines: z.int(),
})

const retained = z.strictObject({
  bytes: z.int().describe('Growth of HeapAlloc from the first snapshot to the last: exact'),
  bytesPerRequest: z.number().describe('Of the rounds since the growth began'),
  objects: z.int(),
  objectsPerRequest: z.number().describe('Of the rounds since the growth began'),
  requests: z.int().nonnegative().describe('Requests answered in the measured rounds'),
  inuseSpace: z.int().describe('Growth of inuse_space: what the sampled profile can place'),
  inuseSpaceError: z.number().describe('Its standard error, from sampling'),
  goroutines: z.int(),
  leakedGoroutines: z.int().nullable().describe('Proved by the runtime; null where it can’t tell'),
  stackInuse: z.int().describe('Growth of goroutine stacks'),
  allocatedBytes: z.int().describe('Bytes allocated over the measured load, kept or not'),
  residentBytes: z.int().nullable().describe('Growth of resident memory; null where unknown'),
  outsideGo: z
    .int()
    .nullable()
    .describe(
      'The least by which resident memory grew outside the Go runtime: the growth beyond all that the runtime holds at the end, for what it held before need not have been resident; null where unknown',
    ),
  threads: z.int().nullable(),
  gcCount: z.int().describe('Collections that the load caused'),
  gcCpuFraction: z
    .number()
    .describe('Share of CPU time in collections from the baseline on, or since the start'),
})

const ignored = z.strictObject({
  pattern: z.string(),
  reason: z.string().optional(),
  stacks: z.int().nonnegative(),
  retained: amount,
})

const goroutineGrowth = z.strictObject({
  gained: z.int(),
  leaked: z.boolean().describe('Whether the runtime proves them leaked'),
  function: z.string().describe('First frame of the user’s own code: where they wait'),
  file: z.string(),
  line: z.int().nonnegative(),
  path: z.string().optional(),
  waitsIn: z.string().describe('The innermost function'),
  startedBy: z.string().describe('The function of the goroutine'),
  createdBy: z
    .strictObject({
      function: z.string(),
      file: z.string(),
      line: z.int().nonnegative(),
      path: z.string().optional(),
    })
    .optional()
    .describe('The go statement that starts most of them'),
})

const origin = z.strictObject({
  server: z.string().describe('Such as https://github.com'),
  repository: z.string().describe('owner/name'),
  commit: z.string().describe('The head commit that was measured'),
  run: z.string().optional().describe('The address of the workflow run'),
})

const common = {
  schema: z.literal(RESULT_SCHEMA),
  reason: z.string().describe('The verdict in one sentence'),
  notes: z.array(z.string()).describe('What a reader must know to trust the figures'),
  origin: origin.optional(),
}

export const resultSchema = z
  .discriminatedUnion('verdict', [
    z.strictObject({
      ...common,
      verdict: z.enum(['pass', 'warn', 'fail']),
      retained,
      budgets: z.array(budget),
      growth: z.array(place).describe('By place, the most retained first'),
      ignored: z.array(ignored).describe('What each ignore pattern took out'),
      goroutines: z.array(goroutineGrowth).describe('Goroutines gained, by stack'),
      rounds: z.array(roundGrowth),
      measurement: measurementSchema.options[0],
    }),
    z.strictObject({
      ...common,
      verdict: z.literal('invalid'),
      hint: z.string().optional(),
      retained: z.null(),
      budgets: z.array(z.never()),
      growth: z.array(z.never()),
      ignored: z.array(z.never()),
      goroutines: z.array(z.never()),
      rounds: z.array(z.never()),
      measurement: measurementSchema,
    }),
  ])
  .describe('The result of one run of heapgate')

/** What a run found: the hinge between judging and whatever comes after it. */
export type Result = DeepReadonly<z.infer<typeof resultSchema>>
export type JudgedResult = Extract<Result, { verdict: 'pass' | 'warn' | 'fail' }>
export type InvalidResult = Extract<Result, { verdict: 'invalid' }>
export type Verdict = Result['verdict']

export type BudgetReading = DeepReadonly<z.infer<typeof budget>>
export type Place = DeepReadonly<z.infer<typeof place>>
export type Amount = DeepReadonly<z.infer<typeof amount>>
export type Excerpt = DeepReadonly<z.infer<typeof excerpt>>
export type Ignored = DeepReadonly<z.infer<typeof ignored>>
export type GoroutineGrowth = DeepReadonly<z.infer<typeof goroutineGrowth>>
export type RoundGrowth = DeepReadonly<z.infer<typeof roundGrowth>>
export type Retained = DeepReadonly<z.infer<typeof retained>>
export type Origin = DeepReadonly<z.infer<typeof origin>>
