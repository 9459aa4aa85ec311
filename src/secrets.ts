/** Shorter values are in too many words to be taken out of them. */
const LEAST_LENGTH = 4

/** So much of a secret is told by no text that was cut in the middle of it. */
const LEAST_PREFIX = 8
/** What stands where a text was cut. */
const CUT = '…'

/** The text with each of the secrets in it replaced by `***`, as GitHub does in a log. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const parts = secretParts(secrets)
  const whole = parts.reduce((left, part) => left.replaceAll(part, '***'), text)
  const pieces = whole.split(CUT)
  const last = pieces.pop() ?? ''
  return [...pieces.map((piece) => withoutPrefix(piece, parts)), last].join(CUT)
}

/** A text that was cut at its end, without the secret that it was cut in. */
function withoutPrefix(piece: string, parts: readonly string[]): string {
  for (const part of parts) {
    for (let length = part.length - 1; length >= LEAST_PREFIX; length--) {
      if (piece.endsWith(part.slice(0, length))) return `${piece.slice(0, -length)}***`
    }
  }
  return piece
}

/** Names of stages, states and methods, and of the schema: what a reader of the data goes by. */
const WORD_OF_OURS = /^([a-z-]{1,24}|[A-Z]{1,7}|heapgate\.result\/\d+)$/

/**
 * The data with each of the secrets taken out of every text in it; its keys stay. A text that is one
 * plain word stays too: a header such as `X-Mode: pass` must not change a verdict.
 */
export function withoutSecretsIn<T>(data: T, secrets: readonly string[]): T {
  return masked(data, secrets) as T
}

function masked(data: unknown, secrets: readonly string[]): unknown {
  if (typeof data === 'string')
    return WORD_OF_OURS.test(data) ? data : withoutSecrets(data, secrets)
  if (Array.isArray(data)) return data.map((entry) => masked(entry, secrets))
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, masked(value, secrets)]),
  )
}

/** What must not be told of each secret: all of it, and what stands behind a scheme (`Bearer x`). */
export function secretParts(secrets: readonly string[]): readonly string[] {
  const parts = secrets.flatMap((secret) => [
    secret,
    /^[A-Za-z-]+ +(\S.*)$/.exec(secret)?.[1] ?? secret,
  ])
  // The longest first: a part must not be taken out of the middle of a whole.
  return [...new Set(parts)]
    .filter((part) => part.length >= LEAST_LENGTH)
    .sort((a, b) => b.length - a.length)
}
