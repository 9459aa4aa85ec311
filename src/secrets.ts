/** Shorter values are in too many words to be taken out of them. */
const LEAST_LENGTH = 4

/** The text with each of the secrets in it replaced by `***`, as GitHub does in a log. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secretParts(secrets).reduce((masked, part) => masked.replaceAll(part, '***'), text)
}

/** Names of stages, states and methods: what a reader of the data goes by. */
const WORD_OF_OURS = /^([a-z-]{1,24}|[A-Z]{1,7})$/

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
