import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
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
  const options = {
    cwd: directory,
    env: environment,
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: MAX_OUTPUT_BYTES,
    signal,
  }
  return new Promise((resolve, reject) => {
    execFile('go', args, options, (error, stdout, stderr) => {
      if (signal.aborted) reject(signal.reason as Error)
      else if (error?.code === 'ENOENT')
        reject(existsSync(directory) ? noGo(error) : noDirectory(directory, error))
      else {
        const killed = error?.killed === true ? `go ${args.join(' ')}: ${error.message}` : ''
        resolve({ ok: error === null, stdout, stderr: stderr + killed })
      }
    })
  })
}

function noDirectory(directory: string, cause: Error): RunFailure {
  return new RunFailure('instrument-failed', `There is no directory ${directory}.`, {
    hint: 'Set working-directory to where build and run are to be run.',
    cause,
  })
}

function noGo(cause: Error): RunFailure {
  return new RunFailure('instrument-failed', '`instrument` needs go, which is not on PATH.', {
    hint: 'Set up Go in a step before this one (actions/setup-go), or drop `instrument` and import net/http/pprof in the service.',
    cause,
  })
}
