import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import { httpGet } from '../snapshot/http-get.ts'
import { RunFailure } from './run-failure.ts'
import { formatDuration } from '../units/duration.ts'

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250

/**
 * Asks a URL again and again until it answers 2xx.
 *
 * @throws RunFailure `not-ready` after `timeoutMs`, with the last thing that was seen.
 */
export async function waitUntilReady(
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  let seen = 'it was not asked'
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const left = deadline - performance.now()
    if (left <= 0) {
      throw new RunFailure(
        'not-ready',
        `The service was not ready within ${formatDuration(timeoutMs)}: ${seen}.`,
        {
          hint: 'Set ready-url to an address that answers 2xx when the service is up, or raise ready-timeout.',
        },
      )
    }
    try {
      const limits = {
        timeoutMs: Math.ceil(Math.max(50, Math.min(left, 5000))),
        maxBytes: 4096,
        signal,
      }
      const { status } = await httpGet(url, { ...limits, keep: 'head' })
      if (status >= 200 && status < 300) return
      seen = `GET ${url} answered ${status.toString()}`
    } catch (error) {
      if (signal.aborted) throw error
      seen = messageOf(error)
    }
    await sleep(pause, undefined, { signal })
  }
}
