#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import type { Command, Terminal } from './commands/command.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { HeapgateError, messageOf, UsageError } from './errors.ts'
import { outliveOutput } from './outlive-output.ts'
import { visibleControls, withoutCommands } from './report/markdown-text.ts'
import { VERSION } from './version.ts'

/** The commands, in the order of the help text. Each is loaded only when it is called. */
const COMMANDS: Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>
> = {
  run: {
    summary: 'the gate, without GitHub',
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  judge: {
    summary: 'judges a recorded measurement again',
    load: async () => (await import('./commands/judge.ts')).judgeCommand,
  },
  report: {
    summary: 'renders a result.json again',
    load: async () => (await import('./commands/report.ts')).reportCommand,
  },
  diff: {
    summary: 'what grew between two profiles',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  top: {
    summary: 'functions by what they hold, as in go tool pprof',
    load: async () => (await import('./commands/top.ts')).top,
  },
  peek: {
    summary: 'callers and callees of a function',
    load: async () => (await import('./commands/peek.ts')).peek,
  },
  tree: {
    summary: 'the call graph as text',
    load: async () => (await import('./commands/tree.ts')).tree,
  },
  traces: {
    summary: 'every sample with its stack',
    load: async () => (await import('./commands/traces.ts')).traces,
  },
  list: {
    summary: 'source with flat and cum by line',
    load: async () => (await import('./commands/list.ts')).list,
  },
  merge: {
    summary: 'several profiles as one',
    load: async () => (await import('./commands/merge.ts')).merge,
  },
}

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length))
  const rows = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  heapgate ${name.padEnd(width)}  ${summary}`,
  )
  return [
    'heapgate fails the pull request that makes a Go service keep memory.',
    '',
    'Usage:',
    ...rows,
    '',
    '`heapgate COMMAND --help` tells the flags of a command.',
    'Exit status: 0 pass or warn, 1 fail, 2 wrong use, 3 invalid measurement.',
    '',
  ].join('\n')
}

async function main(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const [name = '--help', ...rest] = args
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.out(`heapgate ${VERSION}\n`)
    return EXIT.ok
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.out(help())
    return EXIT.ok
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (entry === undefined) {
    const { didYouMean } = await import('./options/command-line.ts')
    throw new UsageError(
      [`${name}: unknown command${didYouMean(name, Object.keys(COMMANDS))}`],
      'heapgate --help lists the commands.',
    )
  }
  const command = await entry.load()
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(command.help())
    return EXIT.ok
  }
  return command.run(rest, terminal)
}

function explain(thrown: unknown): string {
  if (!(thrown instanceof HeapgateError)) {
    return `heapgate: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown)}\n`
  }
  const hint = thrown.hint === undefined ? '' : `  ${thrown.hint}\n`
  return `${thrown.message.replace(/^/gm, 'heapgate: ')}\n${hint}`
}

// Most commands are over before optimised code pays for its making (`npm run bench:profile`): V8
// may wait longer with it.
setFlagsFromString('--interrupt-budget=1000000')

// `heapgate run … | head` closes our output early, a closed terminal too: the verdict is the same.
outliveOutput(process.stdout, process.stderr)

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY,
}

main(process.argv.slice(2), terminal).then(
  (status) => {
    process.exitCode = status
  },
  (thrown: unknown) => {
    terminal.err(withoutCommands(visibleControls(explain(thrown))))
    process.exitCode = EXIT.wrongUse
  },
)
