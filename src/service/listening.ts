import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '../units/duration.ts'
import { RunFailure } from './run-failure.ts'

/** Whether something accepts connections at the address of a URL. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    })
    const answer = (listening: boolean) => (): void => {
      socket.destroy()
      resolve(listening)
    }
    socket.setTimeout(1000, answer(false))
    socket.once('connect', answer(true))
    socket.once('error', answer(false))
  })
}

const PAUSE_MS = 50

/**
 * Waits until something accepts connections at the address of a URL.
 *
 * @throws RunFailure `not-ready` after `timeoutMs`.
 */
export async function waitUntilListening(
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await isListening(url))) {
    if (performance.now() >= deadline) {
      throw new RunFailure(
        'not-ready',
        `The service was not ready within ${formatDuration(timeoutMs)}: nothing listens at ${url}.`,
        { hint: 'Set url to the address where the service answers, or raise ready-timeout.' },
      )
    }
    await sleep(PAUSE_MS, undefined, { signal })
  }
}
