import { UsageError } from '../errors.ts'
import type { OptionTable, OptionValues } from './option.ts'

/**
 * Reads every option of a table. `given` answers with the text that the user gave for a name;
 * nothing and the empty text are the same, as an input of an action is. `conflicts` tells what can't
 * be given together.
 *
 * @throws UsageError with all the mistaken options, a line each.
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  given: (name: string) => string | undefined,
  conflicts: (isGiven: (name: string) => boolean) => readonly string[] = () => [],
): OptionValues<Table> {
  const isGiven = (name: string): boolean => (given(name) ?? '').trim() !== ''
  const mistakes = [...conflicts(isGiven)]
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(table)) {
    const text = isGiven(name) ? given(name) : option.default
    if (text === undefined) {
      if (option.required === true) mistakes.push(`${name}: missing: ${lowerFirst(option.summary)}`)
      continue
    }
    const parsed = option.parse(text)
    if ('expected' in parsed) {
      const told = option.secret === true ? '' : ` ${JSON.stringify(text)}:`
      mistakes.push(`${name}:${told} expected ${parsed.expected}`)
    } else {
      values[name] = parsed.value
    }
  }
  if (mistakes.length > 0) throw new UsageError(mistakes)
  return values as OptionValues<Table>
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
