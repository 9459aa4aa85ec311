import { firstAbort } from '../first-abort.ts'
import { RunFailure } from './run-failure.ts'
import type { Service } from './service.ts'
import type { ServiceExit } from './service-process.ts'

/**
 * Waits for `work`, or for the end of the service, which then is the failure. `work` is given a
 * signal that fires when nobody waits for it any more, or when `cancelled` does.
 *
 * @param when how the sentence about the end goes on: `before it was ready`
 * @throws RunFailure `exited` or `out-of-memory`, with the end of the service's log
 */
export async function orExit<T>(
  service: Pick<Service, 'exited' | 'exitFailure'>,
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
    throw await service.exitFailure(first, when())
  } catch (error) {
    if (error instanceof RunFailure || cancelled.aborted) throw error
    // A service that dies often fails a request of ours before its exit is noticed.
    const exit = await justNow(service.exited)
    if (exit !== undefined) throw await service.exitFailure(exit, when())
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
