import { afterEach, describe, expect, test } from '@jest/globals'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { drive, type LoadOutcome, type LoadPlan } from '../../src/load/drive.ts'
import { freePort } from '../support/free-port.ts'

const close: (() => void)[] = []

afterEach(() => {
  for (const each of close.splice(0)) each()
})

/** Listens on the loopback address; closed after the test. */
async function listen(server: Server, host = '127.0.0.1'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  close.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const name = address.family === 'IPv6' ? `[${host}]` : host
  return `http://${name}:${address.port.toString()}`
}

const serve = (answer: RequestListener, host?: string): Promise<string> =>
  listen(createServer(answer), host)

/** A server of bare sockets, for what an HTTP server would not do. */
async function serveSockets(onData: (socket: Socket, count: number) => void): Promise<string> {
  const port = await freePort()
  let count = 0
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => {
      onData(socket, ++count)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  close.push(() => server.close())
  return `http://127.0.0.1:${port.toString()}`
}

const load = (url: string, plan: Partial<LoadPlan> = {}): Promise<LoadOutcome> =>
  drive({
    url,
    requests: [{ method: 'GET', path: '/' }],
    amount: 40,
    connections: 4,
    signal: new AbortController().signal,
    ...plan,
  })

describe('a load that a service leaves hanging', () => {
  test('ends when nothing was answered for twice the time of a request', async () => {
    let asked = 0
    const url = await serve((_request, response) => {
      if (++asked <= 8) response.end('ok')
    })
    const outcome = await load(url, { requestTimeoutS: 1, amount: 1000 })
    expect(outcome).toMatchObject({ end: 'no-answers', asked: 1000, answered: 8 })
    expect(outcome.unanswered).toBeGreaterThan(0)
    expect(outcome.unanswered).toBeLessThan(100)
  })

  test('ends when more is unanswered than may be, though the rest goes on', async () => {
    let asked = 0
    const url = await serve((_request, response) => {
      if (++asked % 4 !== 0) response.end('ok')
    })
    const plan = { requestTimeoutS: 1, amount: 100_000, maxUnanswered: 5 }
    const outcome = await load(url, plan)
    expect(outcome.end).toBe('too-many-unanswered')
    expect(outcome.failed).toBe(outcome.unanswered)
    expect(outcome.unanswered).toBeGreaterThan(5)
    expect(outcome.unanswered).toBeLessThan(20)
  })
})

describe('a load', () => {
  test('asks exactly as often as it is told, each request in turn', async () => {
    const seen: Record<string, number> = {}
    const url = await serve((request, response) => {
      const key = `${request.method ?? ''} ${request.url ?? ''}`
      seen[key] = (seen[key] ?? 0) + 1
      response.end('ok')
    })
    const told: number[] = []
    const outcome = await load(url, {
      requests: [
        { method: 'GET', path: '/a?b=c' },
        { method: 'POST', path: '/d' },
      ],
      onProgress: (answered) => told.push(answered),
    })
    expect(outcome).toMatchObject({
      asked: 40,
      answered: 40,
      unanswered: 0,
      failed: 0,
      statuses: { '200': 40 },
    })
    expect(outcome.durationMs).toBeGreaterThan(0)
    expect(seen).toEqual({ 'GET /a?b=c': 20, 'POST /d': 20 })
    expect(told).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  test('of nothing asks nothing', async () => {
    const url = `http://127.0.0.1:${(await freePort()).toString()}`
    expect(await load(url, { amount: 0 })).toMatchObject({ asked: 0, answered: 0, failed: 0 })
  })

  test('opens no more connections than it has requests', async () => {
    const url = await serve((_request, response) => response.end())
    expect(await load(url, { amount: 5, connections: 10 })).toMatchObject({
      answered: 5,
      unanswered: 0,
    })
  })

  test('counts answers of 400 and above as failed, by status', async () => {
    let count = 0
    const url = await serve((_request, response) => {
      response.writeHead([200, 302, 404, 503][count++ % 4] ?? 500).end()
    })
    expect(await load(url)).toMatchObject({
      answered: 40,
      unanswered: 0,
      failed: 20,
      statuses: { '200': 10, '302': 10, '404': 10, '503': 10 },
    })
  })

  test('sends every request that it is given, even with few for each connection', async () => {
    const seen: string[] = []
    const url = await serve((request, response) => {
      seen.push(request.url ?? '')
      response.end()
    })
    const paths = ['/a', '/b', '/c', '/d', '/e']
    const requests = paths.map((path) => ({ method: 'GET' as const, path }))
    await load(url, { requests, amount: 15, connections: 10 })
    expect(seen.sort()).toEqual([...paths, ...paths, ...paths].sort())
  })

  test('keeps the path of the address before the paths of the requests', async () => {
    const seen = new Set<string>()
    const url = await serve((request, response) => {
      seen.add(request.url ?? '')
      response.end()
    })
    await load(`${url}/api`, { requests: [{ method: 'GET', path: '/users?page=2' }] })
    expect([...seen]).toEqual(['/api/users?page=2'])
  })

  test('reaches a server on an IPv6 address', async () => {
    const url = await serve((_request, response) => response.end(), '::1')
    expect(await load(url)).toMatchObject({ answered: 40, unanswered: 0 })
  })

  test('counts an answer to HEAD, which has a length and no body', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).end()
    })
    const outcome = await load(url, { requests: [{ method: 'HEAD', path: '/' }], amount: 4 })
    expect(outcome).toMatchObject({ answered: 4, unanswered: 0 })
  })

  test('ends early when it is stopped, with what was answered until then', async () => {
    const stop = new AbortController()
    const url = await serve((_request, response) => response.end())
    const outcome = await load(url, {
      amount: 1_000_000,
      signal: stop.signal,
      onProgress: (answered) => {
        if (answered === 100) stop.abort()
      },
    })
    expect(outcome.answered).toBeGreaterThanOrEqual(100)
    expect(outcome.answered).toBeLessThan(1_000_000)
    expect(outcome).toMatchObject({ unanswered: 0, failed: 0 })
  })

  test('that was stopped before it began asks next to nothing', async () => {
    const url = await serve((_request, response) => response.end())
    const outcome = await load(url, { amount: 1_000_000, signal: AbortSignal.abort() })
    expect(outcome.answered).toBeLessThan(100_000)
    expect(outcome.failed).toBe(0)
  })
})

describe('a server that closes its connections', () => {
  test('after each answer, and says so, is healthy: every request is sent once and answered', async () => {
    const seen: Record<string, number> = {}
    const url = await serve((request, response) => {
      const key = request.url ?? ''
      seen[key] = (seen[key] ?? 0) + 1
      response.setHeader('connection', 'close')
      response.end('ok')
    })
    const outcome = await load(url, {
      requests: ['/a', '/b'].map((path) => ({ method: 'GET', path })),
    })
    expect(outcome).toMatchObject({ answered: 40, unanswered: 0, failed: 0 })
    expect(seen).toEqual({ '/a': 20, '/b': 20 })
  })

  test('as HTTP/1.0 does is healthy too', async () => {
    const url = await serveSockets((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nok'))
    expect(await load(url)).toMatchObject({ answered: 40, unanswered: 0, failed: 0 })
  })

  test('now and then, and says so, is healthy', async () => {
    let count = 0
    const url = await serve((_request, response) => {
      if (++count % 3 === 0) response.setHeader('connection', 'close')
      response.end('ok')
    })
    expect(await load(url)).toMatchObject({ answered: 40, unanswered: 0, failed: 0 })
  })

  test('without a word leaves the requests on them unanswered, and the count is right', async () => {
    let answers = 0
    const url = await serveSockets((socket) => {
      if (socket.writableEnded) return
      answers += 1
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
    const outcome = await load(url)
    expect(outcome.answered).toBe(answers)
    expect(outcome.unanswered).toBe(40 - answers)
  })

  test('without answering counts as unanswered, every time', async () => {
    const url = await serveSockets((socket) => socket.end())
    expect(await load(url)).toMatchObject({ answered: 0, unanswered: 40, failed: 40 })
  })

  test('by a reset counts as unanswered', async () => {
    const url = await serveSockets((socket) => socket.resetAndDestroy())
    expect(await load(url)).toMatchObject({ answered: 0, failed: 40 })
  })

  test('in the middle of an answer counts as unanswered', async () => {
    const url = await serveSockets((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf'),
    )
    expect(await load(url)).toMatchObject({ answered: 0, failed: 40 })
  })
})

test('a request that was cut off is not taken for the one that is answered next', async () => {
  const url = await serve((request, response) => {
    if (request.method === 'HEAD') request.socket.destroy()
    else response.end('a body')
  })
  const requests = (['HEAD', 'GET', 'GET'] as const).map((method) => ({ method, path: '/' }))
  const outcome = await load(url, { requests, amount: 9, connections: 1 })
  expect(outcome).toMatchObject({ answered: 6, unanswered: 3, statuses: { '200': 6 } })
})

describe('a server that gives no answer', () => {
  test('because nothing listens fails every request, and soon', async () => {
    const url = `http://127.0.0.1:${(await freePort()).toString()}`
    expect(await load(url)).toMatchObject({ answered: 0, unanswered: 40, failed: 40 })
    const many = await load(url, { amount: 10_000_000 })
    expect(many).toMatchObject({ answered: 0, unanswered: 10_000_000 })
  })

  test('in time counts as unanswered', async () => {
    const url = await serve(() => undefined)
    const outcome = await load(url, { amount: 4, connections: 4, requestTimeoutS: 1 })
    expect(outcome).toMatchObject({ answered: 0, unanswered: 4, failed: 4 })
  })

  test('that is HTTP counts as unanswered', async () => {
    const url = await serveSockets((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))
    expect(await load(url)).toMatchObject({ answered: 0, unanswered: 40, failed: 40 })
  })
})
