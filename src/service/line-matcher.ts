import { stripVTControlCharacters } from 'node:util'
import { createContext, Script } from 'node:vm'
import { RunFailure } from './run-failure.ts'

/** Far more than a pattern needs for all the lines that come at once, on a machine that is busy. */
const TIMEOUT_MS = 1000

/**
 * Whether one of the lines matches, as it is or without its colours.
 *
 * In a script with a time limit: V8 interrupts a pattern that backtracks without end there, and
 * nowhere else, and until it is done we hear no signal.
 *
 * @throws RunFailure `not-ready` when the pattern takes too long.
 */
export function lineMatcher(pattern: RegExp): (lines: readonly string[]) => boolean {
  const script = new Script('lines.some((line) => pattern.test(line))')
  return (lines) => {
    const variants = lines.flatMap((line) => {
      const plain = stripVTControlCharacters(line)
      return plain === line ? [line] : [line, plain]
    })
    const context = createContext({ pattern, lines: variants })
    try {
      return script.runInContext(context, { timeout: TIMEOUT_MS }) === true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      throw new RunFailure('not-ready', 'ready-pattern takes too long on a line of the service.', {
        hint: 'Let no part of it that repeats hold one that repeats too, as in (a+)+, or set ready-url.',
        cause: error,
      })
    }
  }
}
