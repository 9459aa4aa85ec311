import { writeFileSync } from 'node:fs'
import { UsageError } from '../errors.ts'
import { diffProfiles } from '../profile/diff.ts'
import { prepareReport } from '../views/report.ts'
import { topData, topText } from '../views/top.ts'
import { EXIT } from '../exit-status.ts'
import type { Command } from './command.ts'
import { localTime } from './local-time.ts'
import { readProfile } from './read-profile.ts'
import { flagLines, parseViewFlags, REPORT_FLAGS, reportOptions } from './view-flags.ts'

const FLAGS = {
  ...REPORT_FLAGS,
  output: {
    kind: 'value',
    short: 'o',
    placeholder: 'FILE',
    summary: 'write the difference as a profile instead (-o)',
  },
} as const

const USAGE = 'heapgate diff [flags] BASE CURRENT'

export const diff: Command = {
  help: () =>
    [
      'What grew from one profile to another: every row of',
      '`go tool pprof -top -nodefraction=0 -unit=B -diff_base=BASE CURRENT`.',
      '',
      'Usage:',
      `  ${USAGE}`,
      '',
      ...flagLines(FLAGS),
      '',
    ].join('\n'),
  run: async (args, terminal) => {
    const line = parseViewFlags(args, FLAGS)
    const [base, current, ...more] = line.words
    if (base === undefined || current === undefined || more.length > 0) {
      throw new UsageError(
        [`two profiles are compared, ${line.words.length} given`],
        `Usage: ${USAGE}`,
      )
    }
    const options = reportOptions(line, { nodeFraction: 0, unit: 'B' })
    const difference = diffProfiles(readProfile(base), readProfile(current), 'diff_base')
    const output = line.flags.get('output')
    if (output !== undefined) {
      const { encodeProfileGzip } = await import('../profile/encode.ts')
      writeFileSync(output, encodeProfileGzip(difference))
      return EXIT.ok
    }
    const report = await prepareReport(difference, options)
    terminal.out(
      line.flags.has('json')
        ? `${JSON.stringify(topData(report), undefined, 2)}\n`
        : topText(report, localTime),
    )
    return EXIT.ok
  },
}
