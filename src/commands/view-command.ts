import { UsageError } from '../errors.ts'
import { type Expression, goRegExp } from '../profile/regexp.ts'
import { prepareReport, type Report, type ReportOptions } from '../views/report.ts'
import { EXIT } from '../exit-status.ts'
import type { Command, Terminal } from './command.ts'
import { readProfiles } from './read-profile.ts'
import {
  BASE_FLAGS,
  flagLines,
  parseViewFlags,
  profileSources,
  REPORT_FLAGS,
  reportOptions,
  type ViewFlags,
} from './view-flags.ts'

/** What tells one view of the terminal from another. */
export interface View {
  readonly name: string
  readonly summary: string
  /** The first word of the command line is a regular expression of functions. */
  readonly takesExpression?: boolean
  readonly flags?: ViewFlags
  readonly defaults?: Partial<ReportOptions>
  /** What the view always has, whatever the flags say. */
  readonly fixed?: Partial<ReportOptions>
  readonly text: (report: Report, request: ViewRequest) => string
  readonly data: (report: Report, request: ViewRequest) => unknown
}

export interface ViewRequest {
  /** Matches everything unless the view takes an expression. */
  readonly expression: Expression
  readonly flags: ReadonlyMap<string, string>
}

/** A command that prints one view of profiles, as text or as JSON. */
export function viewCommand(view: View): Command {
  const flags = { ...BASE_FLAGS, ...REPORT_FLAGS, ...view.flags }
  const usage = `heapgate ${view.name} ${view.takesExpression === true ? 'REGEX ' : ''}[flags] PROFILE…`
  return {
    help: () => [view.summary, '', 'Usage:', `  ${usage}`, '', ...flagLines(flags), ''].join('\n'),
    run: async (args, terminal) => {
      const line = parseViewFlags(args, flags)
      const words = [...line.words]
      const expression = view.takesExpression === true ? words.shift() : ''
      if (expression === undefined) {
        throw new UsageError(['a regular expression of functions is missing'], `Usage: ${usage}`)
      }
      const options = { ...reportOptions(line, view.defaults), ...view.fixed }
      const request = {
        expression: await goRegExp(expression, 'the expression'),
        flags: line.flags,
      }
      const report = await prepareReport(readProfiles(profileSources(line, words)), options)
      warnUnmatched(report, terminal)
      terminal.out(
        line.flags.has('json')
          ? `${JSON.stringify(view.data(report, request), undefined, 2)}\n`
          : view.text(report, request),
      )
      return EXIT.ok
    },
  }
}

function warnUnmatched(report: Report, terminal: Terminal): void {
  for (const kind of report.unmatched) {
    terminal.err(`heapgate: --${kind}: the expression matched no samples\n`)
  }
}
