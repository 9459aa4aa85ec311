import autocannon from 'autocannon'
import { messageOf } from '../errors.ts'
import { mendClient } from './autocannon-client.ts'

/** One request of the load. */
export interface LoadRequest {
  readonly method: NonNullable<autocannon.Request['method']>
  readonly path: string
}

export interface LoadPlan {
  /** Where the service answers; a path in it stands before that of every request. */
  readonly url: string
  readonly requests: readonly LoadRequest[]
  /** Requests to send in all. */
  readonly amount: number
  readonly connections: number
  /** Ends the load early, with what was answered until then. */
  readonly signal: AbortSignal
  /** More requests without an answer than this end it too. */
  readonly maxUnanswered?: number
  /** Whole seconds that one request may take; twice as long without any answer ends the load. */
  readonly requestTimeoutS?: number
  /** Called for every answer with the answers so far. */
  readonly onProgress?: (answered: number) => void
}

/** Why a load was over: all was sent, the signal fired, nothing answered, too little answered. */
export type LoadEnd = 'sent' | 'stopped' | 'no-answers' | 'too-many-unanswered'

/** What came of a load, counted by our own listener. */
export interface LoadOutcome {
  readonly end: LoadEnd
  readonly asked: number
  readonly answered: number
  readonly unanswered: number
  /** Unanswered requests, and answers of 400 and above. */
  readonly failed: number
  readonly statuses: Readonly<Record<string, number>>
  /** From the start to the last answer; autocannon's own clock ticks in seconds. */
  readonly durationMs: number
}

/** autocannon ends a run only at its next sample; its default is a second. */
const SAMPLE_MS = 10
/** A service that refuses every connection would otherwise be asked without a pause. */
const BAILOUT_ERRORS = 1000
const REQUEST_TIMEOUT_S = 10
/** A service that answers nothing for so many time-outs of a request hangs. */
const TIMEOUTS_OF_A_HANG = 2
const HANG_LOOK_MS = 250
/** So long nothing was answered when a load ends for want of answers. */
export const HANG_MS = TIMEOUTS_OF_A_HANG * REQUEST_TIMEOUT_S * 1000

/** Sends a fixed number of requests, `connections` at a time, and closes the connections. */
export async function drive(plan: LoadPlan): Promise<LoadOutcome> {
  const { amount, signal, maxUnanswered = Infinity, requestTimeoutS = REQUEST_TIMEOUT_S } = plan
  if (amount === 0) {
    const nothing = { asked: 0, answered: 0, unanswered: 0, failed: 0, durationMs: 0 }
    return { ...nothing, end: 'sent', statuses: {} }
  }
  const connections = Math.min(plan.connections, amount)
  const prefix = new URL(plan.url).pathname.replace(/\/$/, '')
  const requests = plan.requests.map(({ method, path }) => ({ method, path: prefix + path }))
  let connected = 0
  const statuses: Record<string, number> = {}
  let answered = 0
  let unanswered = 0
  let refused = 0
  let stoppedBy: LoadEnd | undefined
  const start = performance.now()
  let lastAnswer = start

  await new Promise<void>((resolve, reject) => {
    const stopped = (): void => {
      stop('stopped')
    }
    const stop = (why: LoadEnd): void => {
      stoppedBy ??= why
      run.stop()
    }
    const hangCheck = setInterval(() => {
      const silence = performance.now() - lastAnswer
      if (silence > TIMEOUTS_OF_A_HANG * requestTimeoutS * 1000) stop('no-answers')
    }, HANG_LOOK_MS)
    const run = autocannon(
      {
        url: plan.url,
        requests,
        amount,
        connections,
        timeout: requestTimeoutS,
        bailout: BAILOUT_ERRORS,
        sampleInt: SAMPLE_MS,
        setupClient: (client) => {
          mendClient(client)
          // Each connection begins where the one before it ends: by itself, each begins with the
          // first request, and one with few requests never comes to the others.
          client.setRequests(rotated(requests, firstOf(connected, amount, connections)))
          connected += 1
        },
      },
      (error: unknown) => {
        signal.removeEventListener('abort', stopped)
        clearInterval(hangCheck)
        if (error === null || error === undefined) resolve()
        else reject(error instanceof Error ? error : new Error(messageOf(error)))
      },
    )
    signal.addEventListener('abort', stopped, { once: true })
    if (signal.aborted) stopped()
    run.on('response', (_client, status) => {
      answered += 1
      lastAnswer = performance.now()
      if (status >= 400) refused += 1
      const key = status.toString()
      statuses[key] = (statuses[key] ?? 0) + 1
      plan.onProgress?.(answered)
    })
    run.on('reqError', () => {
      unanswered += 1
      if (unanswered > maxUnanswered) stop('too-many-unanswered')
    })
  })
  // A connection that the service closes without an answer is no error for autocannon.
  const end = stoppedBy ?? 'sent'
  if (end === 'sent') unanswered = Math.max(unanswered, amount - answered)
  return {
    end,
    asked: amount,
    answered,
    unanswered,
    failed: refused + unanswered,
    statuses,
    durationMs: lastAnswer - start,
  }
}

/** The index of the first request of a connection, as autocannon shares `amount` among them. */
function firstOf(connection: number, amount: number, connections: number): number {
  return connection * Math.floor(amount / connections) + Math.min(connection, amount % connections)
}

/** Copies of the items, from the one at `start` on, around to the one before it. */
function rotated<T extends object>(items: readonly T[], start: number): T[] {
  return items.map((_, index) => ({ ...items[(start + index) % items.length] }) as T)
}
