import type { Flag } from './command-line.ts'
import type { Option, OptionTable } from './option.ts'

const WIDTH = 32

/** The flags of a table for a help text. */
export function optionHelp(table: OptionTable): string {
  return Object.entries(table)
    .map(([name, option]) => {
      const flag = `  --${name} ${option.placeholder}`
      const gap = flag.length < WIDTH ? ' '.repeat(WIDTH - flag.length) : `\n${' '.repeat(WIDTH)}`
      return `${flag}${gap}${option.summary.replaceAll('`', '')}${defaultText(option)}`
    })
    .join('\n')
}

/** The flags of a table, for a command line: each takes a value, a list may be repeated. */
export function flagsOf(table: OptionTable): Readonly<Record<string, Flag>> {
  return Object.fromEntries(
    Object.entries(table).map(([name, { multiline }]) => [
      name,
      { kind: 'value', repeatable: multiline === true },
    ]),
  )
}

function defaultText(option: Option<unknown>): string {
  if (option.required === true) return ' (required)'
  const text = option.defaultNote?.replaceAll('`', '') ?? option.default
  return text === undefined ? '' : ` (default: ${text})`
}

/** The table of options for the README, as Markdown. */
export function optionTableMarkdown(table: OptionTable): string {
  const rows = Object.entries(table).map(([name, option]) => {
    const text = option.defaultNote ?? (option.default === undefined ? '' : `\`${option.default}\``)
    return `| \`${name}\` | ${option.required === true ? '(required)' : text} | ${option.summary} |`
  })
  return ['| Option | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n')
}
