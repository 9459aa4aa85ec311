import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { firstAbort } from '../first-abort.ts'
import { HeapgateError, messageOf } from '../errors.ts'

/** A GET that got no usable answer. */
export class HttpError extends HeapgateError {}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

export interface HttpLimits {
  readonly timeoutMs: number
  readonly maxBytes: number
  /** Which end of a body over `maxBytes` to keep; without it such a body is an error. */
  readonly keep?: 'head' | 'tail'
  readonly signal?: AbortSignal
  /** Sent with the request; they may be secret, so no message tells them. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * One GET with a connection of its own, closed afterwards, so that no idle connection of ours is
 * kept in the heap that we measure. Redirects are not followed.
 *
 * @throws HttpError when there is no answer in time or the body is larger than allowed.
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
    const seconds = (limits.timeoutMs / 1000).toString()
    const why = timeout.signal.aborted ? `no answer within ${seconds} s` : messageOf(error)
    throw new HttpError(`GET ${url}: ${why}`, { cause: error })
  } finally {
    clearTimeout(timer)
    either.release()
  }
}

function get(url: string, limits: HttpLimits, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest
    const headers = { ...limits.headers, connection: 'close' }
    const request = send(url, { agent: false, headers, signal })
    // Not `once`: what is destroyed may tell it a second time.
    request.on('error', reject)
    request.once('response', (response) => {
      const answer = (body: Buffer): HttpAnswer => ({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body,
      })
      let chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size <= limits.maxBytes) return
        if (limits.keep === 'tail') {
          const tail = Buffer.concat(chunks).subarray(-limits.maxBytes / 2)
          chunks = [tail]
          size = tail.length
        } else if (limits.keep === 'head') {
          resolve(answer(Buffer.concat(chunks).subarray(0, limits.maxBytes)))
          request.destroy()
        } else {
          reject(
            new HttpError(`GET ${url}: the body is over ${limits.maxBytes.toString()} bytes`, {
              hint: 'Is this address really that of net/http/pprof?',
            }),
          )
          request.destroy()
        }
      })
      response.once('end', () => {
        resolve(answer(Buffer.concat(chunks)))
      })
      response.on('error', reject)
      response.once('close', () => {
        reject(new HttpError(`GET ${url}: the connection was cut in the middle of the answer`))
      })
    })
    request.end()
  })
}
