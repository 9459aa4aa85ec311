import { UsageError } from '../errors.ts'
import type { OptionTable, OptionValues } from './option.ts'

/**
 * Reads every option of a table. `given` answers with the text that the user gave for a name;
 * nothing and the empty text are the same, as an input of an action is.
 *
 * @param conflicts mistakes that no option makes alone
 * @throws UsageError with all the mistaken options, a line each.
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  given: (name: string) => string | undefined,
  conflicts: (isGiven: (name: keyof Table) => boolean) => readonly string[] = () => [],
): OptionValues<Table> {
  const mistakes: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(table)) {
    const raw = given(name)
    const text = raw === undefined || raw.trim() === '' ? option.default : raw
    if (text === undefined) {
      if (option.required === true) mistakes.push(`${name}: missing: ${lowerFirst(option.summary)}`)
      continue
    }
    const parsed = option.parse(text)
    if ('expected' in parsed) {
      mistakes.push(`${name}: ${JSON.stringify(text)}: expected ${parsed.expected}`)
    } else {
      values[name] = parsed.value
    }
  }
  mistakes.push(...conflicts((name) => (given(String(name)) ?? '').trim() !== ''))
  if (mistakes.length > 0) throw new UsageError(mistakes)
  return values as OptionValues<Table>
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
