/** Spans kept at the most: then two become one. */
const MAX_SPANS = 240
const FIRST_SPAN_MS = 100

/** Resident memory over a run, in spans of the same length: never more than a bounded number. */
export interface MemorySeries {
  readonly everyMs: number
  /** The largest resident bytes seen in each span. */
  readonly residentBytes: readonly number[]
}

export const EMPTY_SERIES: MemorySeries = { everyMs: FIRST_SPAN_MS, residentBytes: [] }

/**
 * The series with one more look, `atMs` after its beginning. A span in which nobody looked is as the
 * one before it.
 */
export function withLook(series: MemorySeries, atMs: number, resident: number): MemorySeries {
  const span = Math.floor(atMs / series.everyMs)
  if (span >= MAX_SPANS) return withLook(halved(series), atMs, resident)
  const spans = series.residentBytes.slice()
  while (spans.length < span) spans.push(spans.at(-1) ?? resident)
  spans[span] = Math.max(spans[span] ?? 0, resident)
  return { everyMs: series.everyMs, residentBytes: spans }
}

function halved({ everyMs, residentBytes }: MemorySeries): MemorySeries {
  const pairs = Array.from({ length: Math.ceil(residentBytes.length / 2) }, (_, index) =>
    Math.max(residentBytes[2 * index] ?? 0, residentBytes[2 * index + 1] ?? 0),
  )
  return { everyMs: 2 * everyMs, residentBytes: pairs }
}
