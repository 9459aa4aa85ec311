/** Shorter values are in too many words to be taken out of them. */
const LEAST_LENGTH = 4

/** The text with each of the secrets in it replaced by `***`, as GitHub does in a log. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secretParts(secrets).reduce((masked, part) => masked.replaceAll(part, '***'), text)
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
