import { distance } from 'fastest-levenshtein'
import { UsageError } from '../errors.ts'

/** A flag of the terminal: `value` takes a text, `switch` takes none. */
export interface Flag {
  readonly kind: 'value' | 'switch'
  /** The flag may be given again; the texts are joined by line breaks. */
  readonly repeatable?: boolean
  readonly short?: string
}

/** A command line taken apart: texts by flag name (`''` for a switch), and the words between. */
export interface CommandLine {
  readonly flags: ReadonlyMap<string, string>
  readonly words: readonly string[]
}

/**
 * Takes a command line apart: `--name VALUE`, `--name=VALUE`, `-name` as `go tool` users write it,
 * and `--` before words that begin with a dash.
 *
 * @throws UsageError with every unknown flag and every missing value; an unknown flag comes with
 * the nearest known one.
 */
export function parseCommandLine(
  args: readonly string[],
  known: Readonly<Record<string, Flag>>,
): CommandLine {
  const flags = new Map<string, string>()
  const words: string[] = []
  const mistakes: string[] = []

  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (arg === '--') {
      words.push(...args.slice(index + 1))
      break
    }
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(arg)
    if (match?.[1] === undefined) {
      words.push(arg)
      continue
    }
    const name = longName(match[1], known)
    const flag = Object.hasOwn(known, name) ? known[name] : undefined
    if (flag === undefined) {
      mistakes.push(`--${name}: unknown flag${didYouMean(name, Object.keys(known), '--')}`)
      continue
    }
    if (flag.kind === 'switch') {
      if (match[2] === undefined) flags.set(name, '')
      else mistakes.push(`--${name}: takes no value`)
      continue
    }
    const value = match[2] ?? args[++index]
    const before = flags.get(name)
    if (value === undefined) mistakes.push(`--${name}: a value is missing`)
    else if (before === undefined) flags.set(name, value)
    else if (flag.repeatable === true) flags.set(name, `${before}\n${value}`)
    else mistakes.push(`--${name}: given twice`)
  }
  if (mistakes.length > 0) throw new UsageError(mistakes)
  return { flags, words }
}

function longName(name: string, known: Readonly<Record<string, Flag>>): string {
  const found = Object.entries(known).find(([, flag]) => flag.short === name)
  return found?.[0] ?? name
}

/** `, did you mean "…"?` with the nearest of the words, or nothing when none is near. */
export function didYouMean(given: string, words: readonly string[], prefix = ''): string {
  const near = words
    .map((word) => ({ word, far: distance(given, word) }))
    .sort((a, b) => a.far - b.far)[0]
  return near !== undefined && near.far <= Math.max(2, given.length / 3)
    ? `, did you mean ${prefix}${near.word}?`
    : ''
}
