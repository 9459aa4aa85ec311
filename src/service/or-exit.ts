import { firstAbort } from '../first-abort.ts'
import { RunFailure } from './run-failure.ts'
import { describeExit, type ServiceExit, type ServiceProcess } from './service-process.ts'

/** By the status of the shell: 126 and 127 when it can't start or can't find a command. */
const SHELL_HINTS: Readonly<Record<number, string>> = {
  0: 'The command of `run` ended by itself: let the service stay in the foreground.',
  126: 'The shell found the command of `run` but may not execute it: is it executable?',
  127: 'The shell did not find the command of `run`: is the path right, and is it built?',
}

/**
 * Waits for `work`, or for the end of the service, which then is the failure. `work` is given a
 * signal that fires when nobody waits for it any more, or when `cancelled` does.
 *
 * @param when how the sentence about the end goes on: `before it was ready`
 * @throws RunFailure `exited` with the end of the service's log
 */
export async function orExit<T>(
  service: ServiceProcess,
  cancelled: AbortSignal,
  when: () => string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const either = firstAbort(cancelled, over.signal)
  const done = work(either.signal).then((value) => ({ value }))
  try {
    const first = await Promise.race([done, service.exited])
    if ('value' in first) return first.value
    throw exitFailure(service, first, when())
  } catch (error) {
    if (error instanceof RunFailure || cancelled.aborted) throw error
    // A service that dies often fails a request of ours before its exit is noticed.
    const exit = await justNow(service.exited)
    if (exit !== undefined) throw exitFailure(service, exit, when())
    throw error
  } finally {
    over.abort()
    either.release()
    done.catch(() => undefined)
  }
}

const EXIT_NOTICE_MS = 200

function justNow(exited: Promise<ServiceExit>): Promise<ServiceExit | undefined> {
  return Promise.race([
    exited,
    new Promise<undefined>((resolve) => {
      setTimeout(resolve, EXIT_NOTICE_MS, undefined)
    }),
  ])
}

function exitFailure(service: ServiceProcess, exit: ServiceExit, when: string): RunFailure {
  const hint = exit.kind === 'status' ? SHELL_HINTS[exit.status] : KILL_HINTS[exit.signal]
  return new RunFailure('exited', `The service ${describeExit(exit)} ${when}.`, {
    log: service.log.lastLines(),
    ...(hint === undefined ? {} : { hint }),
  })
}

const KILL_HINTS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'A SIGKILL that nobody sent is often the kernel’s OOM killer: try a lower memory-guard.',
}
