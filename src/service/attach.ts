import { RunFailure } from './run-failure.ts'
import { waitUntilReady, type Readiness } from './ready.ts'
import type { Service } from './service.ts'

/**
 * A service that something else started, as compose or a port-forward: waits until it is ready. Its
 * processes and its output are not ours to see, and it is left running.
 *
 * @throws RunFailure `not-ready`
 */
export async function attach(readiness: Readiness, cancelled: AbortSignal): Promise<Service> {
  await waitUntilReady(readiness, undefined, cancelled)
  return {
    exited: new Promise(() => undefined),
    exitFailure: (_, when) =>
      Promise.resolve(new RunFailure('exited', `The service ended ${when}.`)),
    lastLines: () => '',
    processes: undefined,
    stop: () => Promise.resolve(),
  }
}
