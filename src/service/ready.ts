import { setTimeout as sleep } from 'node:timers/promises'
import { firstAbort } from '../first-abort.ts'
import { messageOf } from '../errors.ts'
import { httpGet } from '../snapshot/http-get.ts'
import { IMPORT_HINT } from '../snapshot/pprof-endpoint.ts'
import { formatDuration } from '../units/duration.ts'
import { lineMatcher } from './line-matcher.ts'
import { isListening } from './listening.ts'
import { RunFailure } from './run-failure.ts'
import type { ServiceLog } from './service-log.ts'

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250

/** How a service shows that it is ready: all that is given must hold. */
export interface Readiness {
  /** Answers 2xx. */
  readonly url: string | undefined
  /** Sent with it. */
  readonly headers: Readonly<Record<string, string>>
  /** Where something accepts connections: the addresses of these URLs. */
  readonly listensAt: readonly string[]
  /** Matches a line of its output. */
  readonly pattern: RegExp | undefined
  readonly timeoutMs: number
}

/**
 * Waits until a service is ready.
 *
 * @param log its output, where it is ours to see
 * @throws RunFailure `not-ready` after `timeoutMs`, with the last thing that was seen.
 */
export async function waitUntilReady(
  readiness: Readiness,
  log: ServiceLog | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { url, listensAt, pattern, timeoutMs } = readiness
  const timeout = AbortSignal.timeout(timeoutMs)
  const either = firstAbort(timeout, signal)
  let seen = ''
  try {
    if (pattern !== undefined && log !== undefined) {
      seen = `no line of its output matches ${pattern.source}`
      await log.lineThat(lineMatcher(pattern), either.signal)
    }
    for (const address of listensAt) {
      seen = `nothing listens at ${address}`
      while (!(await isListening(address))) {
        await sleep(FIRST_PAUSE_MS, undefined, { signal: either.signal })
      }
    }
    if (url !== undefined) {
      seen = `GET ${url} gave no answer`
      await untilAnswered(url, readiness.headers, either.signal, (last) => {
        seen = last
      })
    }
  } catch (error) {
    if (error instanceof RunFailure || signal.aborted || !timeout.aborted) throw error
    throw new RunFailure(
      'not-ready',
      `The service was not ready within ${formatDuration(timeoutMs)}: ${seen}.`,
      { hint: hintFor(readiness, seen) },
    )
  } finally {
    either.release()
  }
}

function hintFor({ url, pattern, listensAt }: Readiness, seen: string): string {
  if (url?.endsWith('/debug/pprof/') === true && seen.endsWith('answered 404')) {
    return IMPORT_HINT
  }
  if (pattern !== undefined && seen.endsWith(pattern.source)) {
    return 'Set ready-pattern to what the service prints when it is up, or raise ready-timeout.'
  }
  return listensAt.some((address) => seen.endsWith(address))
    ? 'Set url to the address where the service answers, or raise ready-timeout.'
    : 'Set ready-url to an address that answers 2xx when the service is up, or raise ready-timeout.'
}

/** Asks again and again until the answer is 2xx, and tells what it saw. */
async function untilAnswered(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  tell: (seen: string) => void,
): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      const limits = { timeoutMs: 5000, maxBytes: 4096, headers, signal }
      const { status } = await httpGet(url, { ...limits, keep: 'head' })
      if (status >= 200 && status < 300) return
      tell(`GET ${url} answered ${status.toString()}`)
    } catch (error) {
      if (signal.aborted) throw error
      tell(messageOf(error))
    }
    await sleep(pause, undefined, { signal })
  }
}
