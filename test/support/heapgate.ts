import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listProcesses } from '../../src/service/process-tree.ts'
import { readResult } from '../../src/result-file.ts'
import { isListening } from '../../src/service/listening.ts'
import type { Result } from '../../src/verdict/result.ts'
import { PROJECT } from './fixture-service.ts'
import { objections } from './published-schema.ts'

/** What a finished process left. */
export interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The bundled command, run as a user runs it. */
export async function heapgate(
  args: readonly string[],
  options: {
    readonly cwd?: string
    /** Beside ours. */
    readonly environment?: Readonly<Record<string, string>>
    readonly onStderr?: (text: string, pid: number) => void
  } = {},
): Promise<Finished> {
  return runNode([join(PROJECT, 'dist/cli.js'), ...args], {
    cwd: options.cwd ?? PROJECT,
    env: { ...process.env, ...options.environment },
    ...(options.onStderr === undefined ? {} : { onStderr: options.onStderr }),
  })
}

/** Runs Node to its end. */
export function runNode(
  args: readonly string[],
  options: {
    readonly cwd: string
    readonly env: NodeJS.ProcessEnv
    readonly onStdout?: (text: string, pid: number) => void
    readonly onStderr?: (text: string, pid: number) => void
    /** Kills it, and rejects. */
    readonly signal?: AbortSignal
  },
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: { ...options.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      options.onStdout?.(stdout, child.pid ?? 0)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
      options.onStderr?.(stderr, child.pid ?? 0)
    })
    child.once('error', reject)
    child.once('close', (status) => {
      resolve({ status, stdout, stderr })
    })
  })
}

/** Calls `work` with a directory that is gone afterwards. */
export async function inScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'heapgate-test-'))
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The result.json of a report directory, checked against our schema and the published one. */
export async function resultIn(reportDirectory: string): Promise<Result> {
  const result = await readResult(join(reportDirectory, 'result.json'))
  const against = objections(result)
  if (against.length > 0) throw new Error(`not by the schema: ${JSON.stringify(against)}`)
  return result
}

/** What a run left behind and must not have: processes with `word` in their command, a held port. */
export async function leftovers(word: string, port: number): Promise<readonly string[]> {
  const commands = await Promise.all(
    (await listProcesses()).map(async ({ pid }) => {
      if (pid === process.pid) return ''
      const line = await readFile(`/proc/${pid.toString()}/cmdline`, 'utf8').catch(() => '')
      return line.replaceAll('\0', ' ')
    }),
  )
  const held = (await isListening(`http://127.0.0.1:${port.toString()}`))
    ? [`port ${port.toString()} is held`]
    : []
  return [...commands.filter((command) => command.includes(word)), ...held]
}
