import { execFile } from 'node:child_process'
import { relative } from 'node:path'
import { promisify } from 'node:util'
import { UsageError } from '../errors.ts'
import { exitStatusOf } from '../exit-status.ts'
import { gate } from '../gate.ts'
import { parseCommandLine } from '../options/command-line.ts'
import { flagsOf, optionHelp } from '../options/help.ts'
import { conflictsOf } from '../options/conflicts.ts'
import { readOptions } from '../options/read.ts'
import { GATE_OPTIONS } from '../options/table.ts'
import { lineProgress, redrawnProgress } from '../progress.ts'
import { renderTerminal } from '../report/terminal.ts'
import { onTermination } from '../signals.ts'
import type { Command } from './command.ts'

/** `heapgate run`: the gate in a terminal, or in a CI that is not GitHub's. */
export const runCommand: Command = {
  help: () =>
    [
      'Usage: heapgate run --run COMMAND [options]',
      '       heapgate run --pprof-url URL --url URL [options]',
      '',
      'Boots a Go service, drives requests, and fails when it keeps more memory than allowed.',
      '',
      optionHelp(GATE_OPTIONS),
      '',
      'Sizes take B, kB, KiB, MB, MiB, GB, GiB; times take ms, s, m.',
      'Exit status: 0 pass or warn, 1 fail, 2 wrong use, 3 invalid measurement.',
      '',
    ].join('\n'),

  run: async (args, terminal) => {
    const { flags, words } = parseCommandLine(args, flagsOf(GATE_OPTIONS))
    if (words.length > 0) {
      throw new UsageError(
        words.map((word) => `${word}: heapgate run takes flags only`),
        'Put a command of several words in quotes: --run "./server -port 8080".',
      )
    }
    const options = readOptions(GATE_OPTIONS, (name) => flags.get(name), conflictsOf)
    const directory = process.cwd()
    const progress = terminal.interactive
      ? redrawnProgress(terminal.err)
      : lineProgress((line) => {
          terminal.err(`${line}\n`)
        })
    const { result, reportDirectory } = await gate(options, {
      directory,
      repository: await repositoryAround(directory),
      environment: process.env,
      secrets: [],
      origin: undefined,
      progress,
      cancelled: onTermination(),
    }).finally(progress.end)
    const where = relative(directory, reportDirectory)
    terminal.out(`${renderTerminal(result)}\nThe report is in ${where === '' ? '.' : where}\n`)
    return exitStatusOf(result.verdict)
  },
}

/** The root of the git checkout around a directory, or the directory itself. */
async function repositoryAround(directory: string): Promise<string> {
  try {
    const git = await promisify(execFile)('git', ['rev-parse', '--show-toplevel'], {
      cwd: directory,
    })
    return git.stdout.trim()
  } catch {
    return directory
  }
}
