import type { Flag } from '../options/command-line.ts'

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True']
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False']

/**
 * Arguments as pprof's users write them, in the one way that `parseCommandLine` takes: `_` in a name
 * is `-`, a switch may be given a truth value, and of a flag that is given again the last counts.
 */
export function plainArguments(
  args: readonly string[],
  known: Readonly<Record<string, Flag>>,
): readonly string[] {
  const flags = new Map<string, string>()
  const unknown: string[] = []
  const words: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    if (arg === '--') {
      words.push(...args.slice(index + 1))
      break
    }
    const [, given, text] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
    if (given === undefined) {
      words.push(arg)
      continue
    }
    const name = nameOf(given, known)
    const flag = Object.hasOwn(known, name) ? known[name] : undefined
    if (flag?.kind === 'switch' && (text === undefined || TRUE.includes(text))) {
      flags.set(name, `--${name}`)
    } else if (flag?.kind === 'switch' && text !== undefined && FALSE.includes(text)) {
      flags.delete(name)
    } else if (flag?.kind === 'value') {
      const value = text ?? args[++index]
      // At the end, so that whoever parses this finds no value either.
      if (value === undefined) return [...flags.values(), ...unknown, `--${name}`]
      flags.set(name, `--${name}=${value}`)
    } else unknown.push(arg)
  }
  return [...flags.values(), ...unknown, '--', ...words]
}

function nameOf(given: string, known: Readonly<Record<string, Flag>>): string {
  const byShortName = Object.entries(known).find(([, { short }]) => short === given)
  if (byShortName !== undefined) return byShortName[0]
  return Object.hasOwn(known, given) ? given : given.replaceAll('_', '-')
}
