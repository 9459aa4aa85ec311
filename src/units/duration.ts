const FACTORS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/** Milliseconds of a time such as `500ms`, `10s` or `2m`. `undefined` when the text is no such time. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m)$/.exec(text.trim())
  const factor = FACTORS[match?.[2] ?? '']
  if (match?.[1] === undefined || factor === undefined) return undefined
  const ms = Math.round(Number(match[1]) * factor)
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** Milliseconds for a reader: `85 ms`, `1.4 s`, `2 m 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms).toString()} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`
  const seconds = Math.round(ms / 1000)
  const rest = seconds % 60
  const minutes = `${((seconds - rest) / 60).toString()} m`
  return rest === 0 ? minutes : `${minutes} ${rest.toString()} s`
}
