import { afterEach, describe, expect, test } from '@jest/globals'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import {
  type HttpAnswer,
  HttpError,
  type HttpLimits,
  httpGet,
} from '../../src/snapshot/http-get.ts'
import { freePort } from '../support/free-port.ts'

const closing: (() => void)[] = []

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${port.toString()}/`
}

/** A server that writes bytes as they are. */
async function serveRaw(answer: (socket: Socket) => void): Promise<string> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      answer(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${port.toString()}/`
}

const get = (url: string, limits: Partial<HttpLimits> = {}): Promise<HttpAnswer> =>
  httpGet(url, { timeoutMs: 5000, maxBytes: 1000, ...limits })

/** Writes without end, as fast as it is read. */
const endless: RequestListener = (_request, response) => {
  const write = (): void => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
  }
  response.on('drain', write)
  write()
}

describe('a GET', () => {
  test('gives status, headers and body, on a connection of its own that is closed', async () => {
    const connections: (string | undefined)[] = []
    const url = await serve((request, response) => {
      connections.push(request.headers.connection)
      response.writeHead(404, { 'x-a': 'b' }).end('gone')
    })
    const { status, headers, body } = await get(url)
    expect([status, headers['x-a'], body.toString()]).toEqual([404, 'b', 'gone'])
    expect(connections).toEqual(['close'])
  })

  test('does not follow a redirect', async () => {
    let asked = 0
    const url = await serve((_request, response) => {
      asked += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect((await get(url)).status).toBe(302)
    expect(asked).toBe(1)
  })

  test('takes a body of just as many bytes as are allowed', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(1000)))
    expect((await get(url)).body).toHaveLength(1000)
  })

  test('gives up on a body that has no end', async () => {
    const url = await serve(endless)
    await expect(get(url)).rejects.toThrow(`GET ${url}: the body is over 1000 bytes`)
    await expect(get(url)).rejects.toBeInstanceOf(HttpError)
  })

  test('keeps the head of a body that has no end', async () => {
    const url = await serve(endless)
    expect((await get(url, { keep: 'head' })).body.toString()).toBe('x'.repeat(1000))
  })

  test('keeps the tail of a long body within bounds', async () => {
    const url = await serve((_request, response) => {
      for (let index = 0; index < 200; index++) response.write('x'.repeat(999))
      response.end('the end')
    })
    const { body } = await get(url, { keep: 'tail' })
    expect(body.toString()).toMatch(/^x+the end$/)
    expect(body.length).toBeGreaterThanOrEqual(500)
    expect(body.length).toBeLessThan(100_000)
  })

  test('gives up on a body without end when only its tail is wanted', async () => {
    const url = await serve(endless)
    await expect(get(url, { keep: 'tail', timeoutMs: 300 })).rejects.toThrow(
      'no answer within 0.3 s',
    )
  })

  test('gives up on an answer that trickles', async () => {
    const url = await serve((_request, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => {
        clearInterval(timer)
      })
    })
    await expect(get(url, { timeoutMs: 300 })).rejects.toThrow(`GET ${url}: no answer within 0.3 s`)
  })

  test('gives up where nothing is answered', async () => {
    const url = await serve(() => undefined)
    await expect(get(url, { timeoutMs: 200 })).rejects.toThrow('no answer within 0.2 s')
  })

  test('fails when the connection is cut in the middle', async () => {
    const url = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    )
    await expect(get(url)).rejects.toThrow(/^GET http:.*(aborted|cut in the middle)/)
  })

  test('fails when the connection is reset, before and in an answer', async () => {
    const before = await serveRaw((socket) => socket.resetAndDestroy())
    await expect(get(before)).rejects.toThrow(/ECONNRESET|socket hang up/)
    const within = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => {
        socket.resetAndDestroy()
      })
    })
    await expect(get(within)).rejects.toBeInstanceOf(HttpError)
  })

  test('fails on headers without end', async () => {
    const url = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${'x-a: 1234567890\r\n'.repeat(100_000)}`)
    })
    await expect(get(url)).rejects.toThrow(/^GET http:.*overflow/i)
  })

  test('fails on what is no HTTP', async () => {
    const url = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
    await expect(get(url)).rejects.toThrow(/^GET http:.*Parse Error/)
  })

  test('fails where nothing listens, with the address', async () => {
    const port = (await freePort()).toString()
    await expect(get(`http://127.0.0.1:${port}/`)).rejects.toThrow(
      /^GET http:\/\/127\.0\.0\.1:\d+\/: .*connect ECONNREFUSED/,
    )
  })

  test('ends when it is cancelled', async () => {
    const cancel = new AbortController()
    const url = await serve(() => {
      cancel.abort()
    })
    await expect(get(url, { signal: cancel.signal })).rejects.toThrow('aborted')
    await expect(get(url, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })
})
