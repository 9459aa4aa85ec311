import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  maxHeaderSize,
  request as httpRequest,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { firstAbort } from '../first-abort.ts'
import { HeapgateError, messageOf } from '../errors.ts'
import { formatBytes } from '../units/bytes.ts'
import { formatDuration } from '../units/duration.ts'

/** A GET that got no usable answer. */
export class HttpError extends HeapgateError {}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

export interface HttpLimits {
  /** For the whole answer, from the connection to its last byte. */
  readonly timeoutMs: number
  /** The most that is read of a body; a longer one is an error. */
  readonly maxBytes: number
  /**
   * What to keep of a body: its head, and then `maxBytes` end the reading without an error; or its
   * last bytes, at least so many of them.
   */
  readonly keep?: 'head' | { readonly last: number }
  readonly signal?: AbortSignal
  /** Sent with the request; they may be secret, so no message tells them. */
  readonly headers?: Readonly<Record<string, string>>
  /** Keeps the connection for the next question; without it, each has its own, closed afterwards. */
  readonly agent?: Agent | undefined
}

/** Answers with a status of 1xx that may come before the real one. */
const MAX_INTERIM_ANSWERS = 16

/**
 * One GET. Redirects are not followed; an encoding is not asked for. Where the service closed a kept
 * connection meanwhile, the question is asked again on a new one.
 *
 * @throws HttpError when there is no whole answer in time, or one that is larger than allowed or no
 * HTTP.
 */
export async function httpGet(url: string, limits: HttpLimits): Promise<HttpAnswer> {
  const timeout = new AbortController()
  const timer = setTimeout(() => {
    timeout.abort()
  }, limits.timeoutMs)
  const either = firstAbort(timeout.signal, ...(limits.signal === undefined ? [] : [limits.signal]))
  try {
    return await get(url, limits, either.signal)
  } catch (error) {
    if (error instanceof HttpError) throw error
    const why = timeout.signal.aborted
      ? `no whole answer within ${formatDuration(limits.timeoutMs)}`
      : describe(error)
    throw new HttpError(`GET ${url}: ${why}`, { cause: error })
  } finally {
    clearTimeout(timer)
    either.release()
  }
}

function get(url: string, limits: HttpLimits, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest
    const { agent = false } = limits
    const headers = { ...limits.headers, 'accept-encoding': 'identity' }
    const request = send(url, { agent, headers, signal })
    const fail = (why: string): void => {
      reject(new HttpError(`GET ${url}: ${why}`))
      request.destroy()
    }
    let isAnswered = false
    let again: Promise<HttpAnswer> | undefined
    // Not `once`: what is destroyed may tell it a second time.
    request.on('error', (error) => {
      if (isAnswered || !wasClosedMeanwhile(request, error)) reject(error)
      else resolve((again ??= get(url, limits, signal)))
    })
    let interim = 0
    request.on('information', () => {
      interim += 1
      if (interim > MAX_INTERIM_ANSWERS) fail('interim answers (1xx) come without end')
    })
    request.once('upgrade', () => {
      fail('the answer switches to another protocol (101)')
    })
    request.once('response', (response) => {
      isAnswered = true
      readBody(response, limits, { fail, reject, done: resolve })
    })
    request.end()
  })
}

/** Whether the service had closed the kept connection when the question came. */
function wasClosedMeanwhile(
  { reusedSocket }: ClientRequest,
  error: NodeJS.ErrnoException,
): boolean {
  return reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

interface BodyReader {
  readonly done: (answer: HttpAnswer) => void
  readonly fail: (why: string) => void
  readonly reject: (error: unknown) => void
}

function readBody(response: IncomingMessage, limits: HttpLimits, reader: BodyReader): void {
  const { maxBytes, keep } = limits
  const last = typeof keep === 'object' ? keep.last : Infinity
  let chunks: Buffer[] = []
  let kept = 0
  let read = 0
  const answer = (): HttpAnswer => ({
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks),
  })
  response.on('data', (chunk: Buffer) => {
    const bytes = keep === 'head' ? chunk.subarray(0, maxBytes - read) : chunk
    chunks.push(bytes)
    kept += bytes.length
    read += chunk.length
    if (read > maxBytes && keep !== 'head') {
      reader.fail(`the body is over ${formatBytes(maxBytes)}`)
    } else if (read > maxBytes) {
      reader.done(answer())
      response.destroy()
    } else if (kept > 2 * last) {
      chunks = [Buffer.concat(chunks).subarray(-last)]
      kept = last
    }
  })
  response.once('end', () => {
    reader.done(answer())
  })
  response.on('error', reader.reject)
  response.once('close', () => {
    reader.fail(CUT)
  })
}

const CUT = 'the connection was cut in the middle of the answer'

/** Words for an error of the connection or of Node's parser of HTTP. */
function describe(error: unknown): string {
  const { code, message = messageOf(error) } = error as Partial<NodeJS.ErrnoException>
  if (code === 'HPE_HEADER_OVERFLOW') {
    return `the headers of the answer are over ${formatBytes(maxHeaderSize)}`
  }
  if (code?.startsWith('HPE_') === true) return `the answer is no valid HTTP (${message})`
  if (message === 'aborted') return CUT
  if (message === 'socket hang up') return 'the connection was closed without an answer'
  return message
}
