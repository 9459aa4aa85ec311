import { afterEach, describe, expect, test } from '@jest/globals'
import { createServer, type RequestListener, type Server } from 'node:http'
import { waitUntilReady } from '../../src/service/ready.ts'
import { freePort } from '../support/free-port.ts'

let servers: Server[] = []

afterEach(() => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  servers = []
})

const serve = (port: number, answer: RequestListener): Promise<void> =>
  new Promise((resolve) => {
    const server = createServer(answer)
    servers.push(server)
    server.listen(port, '127.0.0.1', resolve)
  })

const never = new AbortController().signal
const addressOf = (port: number): string => `http://127.0.0.1:${port.toString()}/ready`

describe('a service is ready', () => {
  test('when it answers 2xx, however late it binds its port', async () => {
    const port = await freePort()
    let asked = 0
    setTimeout(() => {
      void serve(port, (_request, response) => {
        response.writeHead([503, 302, 204][asked++] ?? 500).end()
      })
    }, 300)
    await waitUntilReady(addressOf(port), 20_000, never)
    expect(asked).toBe(3)
  })

  test('when it answers 2xx with a body without end', async () => {
    const port = await freePort()
    await serve(port, (_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1)
      response.on('close', () => {
        clearInterval(timer)
      })
    })
    await waitUntilReady(addressOf(port), 20_000, never)
  })
})

describe('a service that does not become ready', () => {
  test('is told with the last thing that was seen of it', async () => {
    const port = await freePort()
    await expect(waitUntilReady(addressOf(port), 200, never)).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringMatching(/^The service was not ready within 200 ms: .*ECONNREFUSED/),
    })
    await serve(port, (_request, response) => response.writeHead(500).end())
    await expect(waitUntilReady(addressOf(port), 200, never)).rejects.toThrow(
      `not ready within 200 ms: GET ${addressOf(port)} answered 500.`,
    )
  })

  test('because it never answers is given up in time', async () => {
    const port = await freePort()
    await serve(port, () => undefined)
    const begin = performance.now()
    await expect(waitUntilReady(addressOf(port), 300, never)).rejects.toThrow(
      'no whole answer within',
    )
    expect(performance.now() - begin).toBeLessThan(4000)
  })

  test('is not waited for when the run is cancelled', async () => {
    const port = await freePort()
    const cancel = new AbortController()
    setTimeout(() => {
      cancel.abort()
    }, 100)
    await expect(waitUntilReady(addressOf(port), 60_000, cancel.signal)).rejects.toThrow(/abort/)
  })
})
