import { existsSync } from 'node:fs'
import { messageOf } from '../errors.ts'
import { RunFailure, type RunFailureCode } from './run-failure.ts'
import { ScratchError } from './scratch-directory.ts'
import type { StartOptions } from './service-process.ts'

/** Why a command could not even be started: `what` is `The build` or `The service`. */
export function startFailure(
  code: RunFailureCode,
  what: string,
  { directory }: Pick<StartOptions, 'directory'>,
  error: unknown,
): RunFailure {
  const hint =
    error instanceof ScratchError
      ? error.hint
      : existsSync(directory)
        ? undefined
        : `Is there a directory ${directory}?`
  return new RunFailure(code, `${what} could not be started: ${messageOf(error)}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}
