/**
 * What went wrong in the user's world, in words for the user: `message` says what and where, `hint`
 * says what to do about it, `cause` keeps the error underneath for a log.
 */
export class HeapgateError extends Error {
  readonly hint: string | undefined

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
  }
}

/** The command or its inputs are mistaken: exit status 2. `mistakes` holds all of them, a line each. */
export class UsageError extends HeapgateError {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[], hint?: string) {
    super(mistakes.join('\n'), hint === undefined ? {} : { hint })
    this.mistakes = mistakes
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
