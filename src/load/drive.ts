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
  /** Called for every answer with the answers so far. */
  readonly onProgress?: (answered: number) => void
}

/** What came of a load, counted by our own listener. */
export interface LoadOutcome {
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

/** Sends a fixed number of requests, `connections` at a time, and closes the connections. */
export async function drive(plan: LoadPlan): Promise<LoadOutcome> {
  const { amount, signal } = plan
  if (amount === 0) {
    return { asked: 0, answered: 0, unanswered: 0, failed: 0, statuses: {}, durationMs: 0 }
  }
  const connections = Math.min(plan.connections, amount)
  const prefix = new URL(plan.url).pathname.replace(/\/$/, '')
  const requests = plan.requests.map(({ method, path }) => ({ method, path: prefix + path }))
  let connected = 0
  const statuses: Record<string, number> = {}
  let answered = 0
  let unanswered = 0
  let refused = 0
  const start = performance.now()
  let lastAnswer = start

  await new Promise<void>((resolve, reject) => {
    const run = autocannon(
      {
        url: plan.url,
        requests,
        amount,
        connections,
        timeout: REQUEST_TIMEOUT_S,
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
        signal.removeEventListener('abort', stop)
        if (error === null || error === undefined) resolve()
        else reject(error instanceof Error ? error : new Error(messageOf(error)))
      },
    )
    const stop = (): void => {
      run.stop()
    }
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
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
    })
  })
  // A connection that the service closes without an answer is no error for autocannon.
  if (!signal.aborted) unanswered = Math.max(unanswered, amount - answered)
  return {
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
