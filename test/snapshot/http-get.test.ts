import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Agent } from 'node:http'
import {
  type HttpAnswer,
  HttpError,
  type HttpLimits,
  httpGet,
} from '../../src/snapshot/http-get.ts'
import { freePort } from '../support/free-port.ts'
import { closeServers, endless, serve, serveRaw, trickle } from '../support/local-server.ts'

afterEach(closeServers)

const EMPTY_ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'

const get = (url: string, limits: Partial<HttpLimits> = {}): Promise<HttpAnswer> =>
  httpGet(url, { timeoutMs: 5000, maxBytes: 1000, ...limits })

let agent: Agent

beforeEach(() => {
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
})

afterEach(() => {
  agent.destroy()
})

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

  test('uses the connection of the question before where an agent keeps it', async () => {
    const ports = new Set<number | undefined>()
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end()
    })
    for (let question = 0; question < 3; question++) await get(url, { agent })
    expect(ports.size).toBe(1)
  })

  test('asks again where the service closed the kept connection meanwhile', async () => {
    let connections = 0
    const url = await serveRaw((socket) => {
      connections += 1
      socket.write(EMPTY_ANSWER)
      socket.once('data', () => socket.resetAndDestroy())
    })
    for (let question = 0; question < 4; question++) {
      expect((await get(url, { agent })).status).toBe(200)
    }
    expect(connections).toBe(4)
  })

  test('fails when the service hangs up on the kept connection and on the new one', async () => {
    let answers = 0
    const url = await serveRaw((socket) => {
      if (answers++ > 0) socket.resetAndDestroy()
      else socket.write(EMPTY_ANSWER, () => socket.once('data', () => socket.resetAndDestroy()))
    })
    await get(url, { agent })
    await expect(get(url, { agent })).rejects.toBeInstanceOf(HttpError)
  })

  test('does not ask again when a kept connection is cut in the middle of an answer', async () => {
    const url = await serveRaw((socket) => {
      socket.write(EMPTY_ANSWER)
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => {
          setTimeout(() => socket.resetAndDestroy(), 20)
        })
      })
    })
    await get(url, { agent })
    await expect(get(url, { agent })).rejects.toBeInstanceOf(HttpError)
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
    await expect(get(url)).rejects.toThrow(`GET ${url}: the body is over 0.98 KiB`)
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
    const { body } = await get(url, { maxBytes: 1e6, keep: { last: 500 } })
    expect(body.toString()).toMatch(/^x+the end$/)
    expect(body.length).toBeGreaterThanOrEqual(500)
    expect(body.length).toBeLessThanOrEqual(1000)
  })

  test('gives up on a body without end when only its tail is wanted', async () => {
    const url = await serve(endless)
    const limits = { maxBytes: 1e6, keep: { last: 500 } }
    await expect(get(url, limits)).rejects.toThrow('the body is over 977 KiB')
  })

  test('gives up on an answer that trickles, though it is never idle', async () => {
    const url = await serve(trickle)
    await expect(get(url, { timeoutMs: 300 })).rejects.toThrow(
      `GET ${url}: no whole answer within 300 ms`,
    )
  })

  test('gives up on headers that trickle', async () => {
    const url = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('a: b\r\n'), 20)
      socket.on('close', () => {
        clearInterval(timer)
      })
    })
    await expect(get(url, { timeoutMs: 300 })).rejects.toThrow('no whole answer within 300 ms')
  })

  test('gives up on interim answers without end', async () => {
    const url = await serveRaw((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(10_000))
    })
    await expect(get(url)).rejects.toThrow('interim answers (1xx) come without end')
  })

  test('takes the answer after a few interim ones', async () => {
    const interim = 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(5)
    const url = await serveRaw((socket) =>
      socket.end(`${interim}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone`),
    )
    expect((await get(url)).body.toString()).toBe('done')
  })

  test('fails when the answer switches to another protocol', async () => {
    const url = await serveRaw((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')
    })
    await expect(get(url)).rejects.toThrow('switches to another protocol (101)')
  })

  test('gives up where nothing is answered', async () => {
    const url = await serve(() => undefined)
    await expect(get(url, { timeoutMs: 200 })).rejects.toThrow('no whole answer within 200 ms')
  })

  test('fails when the connection is cut in the middle', async () => {
    const url = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    )
    await expect(get(url)).rejects.toThrow(
      `GET ${url}: the connection was cut in the middle of the answer`,
    )
  })

  test('fails when the connection is reset, before and in an answer', async () => {
    const before = await serveRaw((socket) => socket.resetAndDestroy())
    await expect(get(before)).rejects.toThrow(
      /ECONNRESET|the connection was closed without an answer/,
    )
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
    await expect(get(url)).rejects.toThrow(`GET ${url}: the headers of the answer are over 16 KiB`)
  })

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['chunks of garbage', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nx'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'],
  ])('fails on what is no HTTP: %s', async (_what, bytes) => {
    const url = await serveRaw((socket) => socket.end(bytes))
    await expect(get(url)).rejects.toThrow(
      /^GET http:.*: the answer is no valid HTTP \(Parse Error/,
    )
  })

  test('never gives more than the length that was announced', async () => {
    const url = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhalf of it'),
    )
    const outcome = await get(url).then(
      ({ body }) => body.toString(),
      (error: unknown) => error,
    )
    if (typeof outcome === 'string') expect(outcome).toBe('half')
    else expect(outcome).toBeInstanceOf(HttpError)
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
