import type { Command } from '../../src/commands/command.ts'

export interface CommandRun {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs a command of the terminal in this process and keeps what it writes. */
export async function runCommand(command: Command, args: readonly string[]): Promise<CommandRun> {
  let out = ''
  let err = ''
  const status = await command.run(args, {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    interactive: false,
  })
  return { status, out, err }
}
