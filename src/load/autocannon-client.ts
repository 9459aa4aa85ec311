import type autocannon from 'autocannon'
import type { Socket } from 'node:net'

/** The parts of autocannon's client that are mended; see autocannon 9, lib/httpClient.js. */
interface Client extends autocannon.Client {
  readonly conn: Socket
  readonly parser: {
    readonly state: string
    readonly reinitialize: (type: 'RESPONSE') => void
    readonly finish: () => void
    body_bytes: number | null
    isChunked: boolean
  }
  readonly pipelinedRequests: {
    readonly clear: () => void
    readonly peek: () => { readonly req: { readonly method?: string } } | undefined
  }
  _connect: () => void
  _doRequest: () => void
  readonly _resetConnection: () => void
}

/**
 * Lets a client of autocannon count right what it counts wrong by itself:
 *
 * - It sends its next request on a connection that the answer said would close, and loses it: a
 *   healthy service that closes its connections seemed to fail half of its requests.
 * - It does not see the end of an answer that ends with the connection, as in HTTP/1.0.
 * - It reads the rest of an answer that was cut into the next one.
 * - It waits for the body of an answer to HEAD.
 */
export function mendClient(given: autocannon.Client): void {
  const client = given as Client
  const connect = client._connect.bind(client)
  const send = client._doRequest.bind(client)
  let closes = false
  let ended = false

  client.on('headers', (head: object) => {
    closes = 'shouldKeepAlive' in head && head.shouldKeepAlive === false
    if (client.pipelinedRequests.peek()?.req.method !== 'HEAD') return
    client.parser.body_bytes = 0
    client.parser.isChunked = false
  })
  client._doRequest = () => {
    if (ended) return
    if (closes) client._resetConnection()
    else send()
  }
  client._connect = () => {
    closes = false
    ended = false
    client.parser.reinitialize('RESPONSE')
    client.pipelinedRequests.clear()
    connect()
    // Before autocannon's own listener, which connects anew.
    client.conn.prependOnceListener('end', () => {
      if (client.parser.state !== 'BODY_RAW') return
      ended = true
      client.parser.finish()
    })
  }
}
