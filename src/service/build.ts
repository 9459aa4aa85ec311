import { RunFailure } from './run-failure.ts'
import { describeExit, ServiceProcess, type StartOptions } from './service-process.ts'
import { startFailure } from './start-failure.ts'

/**
 * Runs the build command to its end.
 *
 * @throws RunFailure `build-failed` with the end of its output, `cancelled` when the signal fires.
 */
export async function build(options: StartOptions, cancelled: AbortSignal): Promise<void> {
  const command = await ServiceProcess.start(options).catch((error: unknown) => {
    throw startFailure('build-failed', 'The build', options, error)
  })
  const stopped = new Promise<'cancelled'>((resolve) => {
    cancelled.addEventListener('abort', () => {
      resolve('cancelled')
    })
    if (cancelled.aborted) resolve('cancelled')
  })
  const end = await Promise.race([command.exited, stopped])
  await command.stop(0)
  if (end === 'cancelled') throw new RunFailure('cancelled', 'The run was cancelled.')
  if (end.kind === 'status' && end.status === 0) return
  throw new RunFailure('build-failed', `The build ${describeExit(end)}: ${options.command}`, {
    hint: 'Try the command in working-directory by hand.',
    log: command.log.lastLines(),
  })
}
