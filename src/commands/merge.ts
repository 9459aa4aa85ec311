import { writeFileSync } from 'node:fs'
import { UsageError } from '../errors.ts'
import { parseCommandLine } from '../options/command-line.ts'
import { mergeProfiles } from '../profile/merge.ts'
import { EXIT } from '../exit-status.ts'
import type { Command } from './command.ts'
import { readProfile } from './read-profile.ts'

const USAGE = 'heapgate merge -o MERGED PROFILE…'

export const merge: Command = {
  help: () =>
    [
      'Adds profiles of one kind up and writes the sum, as `go tool pprof -proto` does.',
      '',
      'Usage:',
      `  ${USAGE}`,
      '',
      '  -o, --output FILE  where to write the merged profile',
      '',
    ].join('\n'),
  run: async (args) => {
    const { flags, words } = parseCommandLine(args, { output: { kind: 'value', short: 'o' } })
    const output = flags.get('output')
    const mistakes = [
      ...(output === undefined ? ['-o: the file to write is missing'] : []),
      ...(words.length === 0 ? ['a profile is missing'] : []),
    ]
    if (output === undefined || mistakes.length > 0) {
      throw new UsageError(mistakes, `Usage: ${USAGE}`)
    }
    const { encodeProfileGzip } = await import('../profile/encode.ts')
    writeFileSync(output, encodeProfileGzip(mergeProfiles(words.map(readProfile))))
    return EXIT.ok
  },
}
