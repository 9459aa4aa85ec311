import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { formatDuration } from '../units/duration.ts'
import { signalProcess } from './process-tree.ts'
import { RunFailure } from './run-failure.ts'

export interface GoCommandOptions {
  /** Where it runs: absolute. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** What `go` printed, and whether it ended well. */
export interface GoAnswer {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
}

const MAX_OUTPUT_BYTES = 8 * 2 ** 20

/**
 * Runs the go command that the build would find. A command that fails, prints without end or takes
 * too long is an answer that is not `ok`.
 *
 * @throws RunFailure `instrument-failed` when there is no go command or no such directory, and the signal's reason.
 */
export async function goCommand(
  args: readonly string[],
  { directory, environment, timeoutMs, signal }: GoCommandOptions,
): Promise<GoAnswer> {
  const child = spawn('go', args, {
    cwd: directory,
    env: environment,
    // A group of its own: `go` may be a script, whose children must end with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let killed = ''
  const kill = (why: string): void => {
    killed ||= `go ${args.join(' ')}: ${why}`
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
  }
  const stop = (): void => {
    kill('cancelled')
  }
  const read = (output: Readable): Buffer[] => {
    const chunks: Buffer[] = []
    let bytes = 0
    output.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_OUTPUT_BYTES) kill('prints without end')
    })
    return chunks
  }
  const [stdout, stderr] = [read(child.stdout), read(child.stderr)]
  const timer = setTimeout(kill, timeoutMs, `not done within ${formatDuration(timeoutMs)}`)
  process.once('exit', stop)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    signal.throwIfAborted()
    const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8')
    return {
      ok: status === 0 && killed === '',
      stdout: text(stdout),
      stderr: text(stderr) + killed,
    }
  } catch (error) {
    signal.throwIfAborted()
    throw existsSync(directory) ? noGo(error) : noDirectory(directory, error)
  } finally {
    clearTimeout(timer)
    process.off('exit', stop)
    signal.removeEventListener('abort', stop)
  }
}

function noDirectory(directory: string, cause: unknown): RunFailure {
  return new RunFailure('instrument-failed', `There is no directory ${directory}.`, {
    hint: 'Set working-directory to where build and run are to be run.',
    cause,
  })
}

function noGo(cause: unknown): RunFailure {
  return new RunFailure('instrument-failed', '`instrument` needs go, which is not on PATH.', {
    hint: 'Set up Go in a step before this one (actions/setup-go), or drop `instrument` and import net/http/pprof in the service.',
    cause,
  })
}
