import { UsageError } from '../errors.ts'
import { exitStatusOf } from '../exit-status.ts'
import { budgetsOf } from '../options/budgets.ts'
import { parseCommandLine } from '../options/command-line.ts'
import { flagsOf, optionHelp } from '../options/help.ts'
import { readOptions } from '../options/read.ts'
import { BUDGET_OPTIONS } from '../options/table.ts'
import { renderTerminal } from '../report/terminal.ts'
import { readResult } from '../result-file.ts'
import { judge } from '../verdict/judge.ts'
import type { Command } from './command.ts'

/** `heapgate judge`: the same judgement on a recorded measurement, with other budgets. */
export const judgeCommand: Command = {
  help: () =>
    [
      'Usage: heapgate judge RESULT.json [budgets] [--json]',
      '',
      'Judges a recorded measurement again. A budget that is not given has its default: those of',
      'the recorded run are not taken over. --json prints the new result.json.',
      '',
      optionHelp(BUDGET_OPTIONS),
      '',
    ].join('\n'),

  run: async (args, terminal) => {
    const { flags, words } = parseCommandLine(args, {
      ...flagsOf(BUDGET_OPTIONS),
      json: { kind: 'switch' },
    })
    const [file, ...more] = words
    if (file === undefined || more.length > 0) {
      throw new UsageError(['expected one result.json'], 'heapgate judge RESULT.json')
    }
    const budgets = budgetsOf(readOptions(BUDGET_OPTIONS, (name) => flags.get(name)))
    const { measurement, origin } = await readResult(file)
    const judged = judge(measurement, budgets)
    const result = origin === undefined ? judged : { ...judged, origin }
    terminal.out(
      flags.has('json') ? `${JSON.stringify(result, null, 2)}\n` : renderTerminal(result),
    )
    return exitStatusOf(result.verdict)
  },
}
