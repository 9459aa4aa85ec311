import { execFileSync } from 'node:child_process'
import { z } from 'zod'
import type { CompleteMeasurement } from '../../src/verdict/measurement.ts'
import { declared, type Entry } from './manifest.ts'

/** The exact counters of a settled service after so many requests. */
const countersSchema = z.object({
  requests: z.number(),
  heapAlloc: z.number(),
  heapObjects: z.number(),
})
export type Counters = z.infer<typeof countersSchema>

/** What a request left behind between two counts of requests. */
export interface WindowTruth {
  readonly bytesPerRequest: number
  readonly objectsPerRequest: number
}

/** A linear leak keeps what the manifest says in any window, within this share. */
const MANIFEST_SHARE = 0.01
/** What the runtime itself leaves in a run, for each request of the shortest window. */
const MANIFEST_OBJECTS = 0.02

/**
 * Measures services of the corpus again, in a process of their own and with nothing of heapgate:
 * by the corpus' own `truth` program, over the same numbers of requests as the gate sent.
 */
export class TruthTables {
  readonly #program: string
  readonly #corpus: string
  readonly #tables = new Map<string, { readonly loads: string; readonly table: Counters[] }>()

  /** @param program the built `truth` */
  constructor(program: string, corpus: string) {
    this.#program = program
    this.#corpus = corpus
  }

  /** The counters of `entry` after the warm-up and after each round of the gate. */
  after(entry: Entry, { warmup, rounds }: CompleteMeasurement): readonly Counters[] {
    const loads = [warmup, ...rounds.map(({ load }) => load)]
      .map((load) => load?.answered ?? 0)
      .join(',')
    const known = this.#tables.get(entry.name)
    if (known !== undefined && `${known.loads},`.startsWith(`${loads},`)) return known.table
    const text = execFileSync(this.#program, ['-only', entry.name, '-loads', loads], {
      cwd: this.#corpus,
      encoding: 'utf8',
    })
    const table = z.array(countersSchema).parse(JSON.parse(text))
    this.#tables.set(entry.name, { loads, table })
    return table
  }
}

/**
 * What a request of the gate's window left behind: from the baseline, or from where the leak begins
 * if that is later, to the last of its rounds. `undefined` when the table does not cover it.
 */
export function truthInWindow(
  entry: Entry,
  table: readonly Counters[],
  { warmup, rounds }: CompleteMeasurement,
): WindowTruth | undefined {
  const before = warmup?.answered ?? 0
  const total = rounds.reduce((sum, { load }) => sum + load.answered, before)
  const begin = table.find(({ requests }) => requests >= Math.max(before, entry.settleRequests))
  const end = table.find(({ requests }) => requests === total)
  if (begin === undefined || end === undefined || end.requests <= begin.requests) return undefined
  const requests = end.requests - begin.requests
  return {
    bytesPerRequest: (end.heapAlloc - begin.heapAlloc) / requests,
    objectsPerRequest: (end.heapObjects - begin.heapObjects) / requests,
  }
}

/**
 * Where the truth of a window and the manifest disagree, in words. What grows in steps has no single
 * figure of bytes, so there only the objects are compared.
 */
export function disagreements(entry: Entry, truth: WindowTruth, goVersion: string): string[] {
  const { bytesPerRequest, objectsPerRequest } = declared(entry, goVersion)
  const found: string[] = []
  const hold = (what: string, measured: number, wanted: number | null, within: number): void => {
    if (wanted === null || Math.abs(measured - wanted) <= within) return
    found.push(
      `${entry.name} keeps ${measured.toFixed(3)} ${what} a request in this window, the manifest says ${wanted.toString()}`,
    )
  }
  if (!entry.growsInSteps) {
    hold(
      'bytes',
      truth.bytesPerRequest,
      bytesPerRequest,
      MANIFEST_SHARE * Math.abs(bytesPerRequest ?? 0),
    )
  }
  hold(
    'objects',
    truth.objectsPerRequest,
    objectsPerRequest,
    Math.max(MANIFEST_OBJECTS, MANIFEST_SHARE * Math.abs(objectsPerRequest ?? 0)),
  )
  return found
}
