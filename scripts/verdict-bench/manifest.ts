import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const figuresSchema = z.object({
  bytesPerRequest: z.number().nullable(),
  objectsPerRequest: z.number().nullable(),
})

const manifestSchema = z.array(
  figuresSchema.extend({
    name: z.string(),
    truth: z.enum(['leak', 'clean']),
    requests: z.array(z.string()),
    expected: z.union([z.string(), z.array(z.string())]),
    options: z.record(z.string(), z.string()).nullish(),
    byGo: z.record(z.string(), figuresSchema).optional(),
    growsInSteps: z.boolean().default(false),
    settleRequests: z.number().default(0),
    beside: z.boolean().default(false),
    line: z.object({ file: z.string(), text: z.string() }).nullish(),
  }),
)

/** One service of the corpus and what is true about it. */
export type Entry = z.infer<typeof manifestSchema>[number]

/** What a request leaves behind; `null` where nothing is known to stay. */
export type Figures = z.infer<typeof figuresSchema>

/** @param corpus the directory of the corpus */
export function readManifest(corpus: string): readonly Entry[] {
  return manifestSchema.parse(JSON.parse(readFileSync(join(corpus, 'manifest.json'), 'utf8')))
}

/** What the manifest declares for a version of Go: a key of `byGo` holds from its version on. */
export function declared(entry: Entry, goVersion: string): Figures {
  const minor = (text: string): number => Number(/1\.(\d+)/.exec(text)?.[1] ?? 0)
  const known = Object.entries(entry.byGo ?? {})
    .filter(([key]) => minor(key) <= minor(goVersion))
    .sort(([a], [b]) => minor(b) - minor(a))
  return known[0]?.[1] ?? entry
}
