import { UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import { type Flag, parseCommandLine } from '../options/command-line.ts'
import { renderMarkdown } from '../report/markdown.ts'
import { renderTerminal } from '../report/terminal.ts'
import { readResult } from '../result-file.ts'
import type { Command } from './command.ts'

const FLAGS: Readonly<Record<string, Flag>> = { markdown: { kind: 'switch' } }

/** `heapgate report`: renders a recorded result again. */
export const reportCommand: Command = {
  help: () =>
    [
      'Usage: heapgate report RESULT.json [--markdown]',
      '',
      'Prints the report of a result.json again; --markdown prints it as GitHub shows it.',
      'The exit status is 0 whatever the verdict: heapgate run has the status of the verdict.',
      '',
    ].join('\n'),

  run: async (args, terminal) => {
    const { flags, words } = parseCommandLine(args, FLAGS)
    const [file, ...more] = words
    if (file === undefined || more.length > 0) {
      throw new UsageError(['expected one result.json'], 'heapgate report RESULT.json')
    }
    const result = await readResult(file)
    terminal.out(flags.has('markdown') ? renderMarkdown(result, Infinity) : renderTerminal(result))
    return EXIT.ok
  },
}
