import { messageOf } from '../errors.ts'
import { ProfileError } from './profile-error.ts'

/** A compiled expression. JavaScript's own `RegExp` is one too. */
export interface Expression {
  /** As it was written. */
  readonly source: string
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean
}

/** What no text fails. */
export const EVERYTHING: Expression = { source: '', test: () => true }

/**
 * Compiles a regular expression in the syntax of Go (RE2). A match takes time linear in the text,
 * whatever the expression: a profile brings its own.
 *
 * @throws ProfileError when the expression is mistaken; `what` names where it was given.
 */
export async function goRegExp(source: string, what: string): Promise<Expression> {
  if (source === '') return EVERYTHING
  // Loading it takes as long as all else that a small view does, and few views need it.
  const { RE2JS } = await import('re2js')
  try {
    const compiled = RE2JS.compile(source)
    return { source, test: (text) => compiled.test(text) }
  } catch (error) {
    const reason = messageOf(error).replace('error parsing regexp: ', '')
    throw new ProfileError(
      `${what}: ${JSON.stringify(source)} is no regular expression: ${reason}`,
      { hint: 'The syntax is that of Go: golang.org/s/re2syntax.' },
    )
  }
}
