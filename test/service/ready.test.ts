import { afterEach, describe, expect, test } from '@jest/globals'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type Readiness, waitUntilReady } from '../../src/service/ready.ts'
import { ServiceLog } from '../../src/service/service-log.ts'
import { freePort } from '../support/free-port.ts'
import { inScratch } from '../support/heapgate.ts'

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
const readyAt = (url: string, timeoutMs: number, changes: Partial<Readiness> = {}): Readiness => ({
  ...{ url, headers: {}, listensAt: [], pattern: undefined, timeoutMs },
  ...changes,
})
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
    await waitUntilReady(readyAt(addressOf(port), 20_000), undefined, never)
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
    await waitUntilReady(readyAt(addressOf(port), 20_000), undefined, never)
  })
})

/** A log that is gone after the test. */
const withLog = (work: (log: ServiceLog) => Promise<void>): Promise<void> =>
  inScratch(async (scratch) => {
    const log = new ServiceLog(`${scratch}/service.log`)
    await work(log)
    await log.close()
  })

describe('a service with a ready-pattern is ready', () => {
  const printing = (pattern: RegExp, timeoutMs = 20_000): Readiness => ({
    ...{ url: undefined, headers: {}, listensAt: [], pattern, timeoutMs },
  })

  test('when a line matches that it printed before or prints then, in pieces or without an end', () =>
    withLog(async (log) => {
      log.write(Buffer.from('starting\nlistening on :80'))
      await waitUntilReady(printing(/^listening on :80$/u), log, never)
      await waitUntilReady(printing(/^starting$/u), log, never)
      const ready = waitUntilReady(printing(/^up and running$/u), log, never)
      for (const piece of ['80\nup an', 'd run', 'ning']) {
        log.write(Buffer.from(piece))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await ready
    }))

  test('never, when nothing it prints matches, however much that is', () =>
    withLog(async (log) => {
      const flood = setInterval(() => {
        log.write(Buffer.from('x'.repeat(100_000)))
      }, 1)
      await expect(waitUntilReady(printing(/ready/u, 300), log, never)).rejects.toMatchObject({
        code: 'not-ready',
        message: 'The service was not ready within 300 ms: no line of its output matches ready.',
        hint: expect.stringContaining('ready-pattern'),
      })
      clearInterval(flood)
    }))

  test('when a line matches without its colours, or with them', () =>
    withLog(async (log) => {
      log.write(Buffer.from('\u001b[32mINFO\u001b[0m listening\n'))
      await waitUntilReady(printing(/^INFO listening$/u), log, never)
      await waitUntilReady(printing(/32mINFO/u), log, never)
    }))

  test.each(['before', 'then'])('never, when the pattern takes without end on a line: %s', (when) =>
    withLog(async (log) => {
      const line = Buffer.from(`${'word '.repeat(20)}!\n`)
      if (when === 'before') log.write(line)
      const ready = waitUntilReady(printing(/^(\w+\s?)*:$/u), log, never)
      if (when === 'then') log.write(line)
      await expect(ready).rejects.toMatchObject({
        code: 'not-ready',
        message: 'ready-pattern takes too long on a line of the service.',
      })
    }),
  )

  test('when its ready-url answers too, asked with the headers that it needs', () =>
    withLog(async (log) => {
      const port = await freePort()
      const seen: (string | undefined)[] = []
      await serve(port, (request, response) => {
        seen.push(request.headers['x-key'] as string | undefined)
        response.end()
      })
      const ready = readyAt(addressOf(port), 20_000, { pattern: /up/u, headers: { 'X-Key': 'k' } })
      setTimeout(() => {
        expect(seen).toEqual([])
        log.write(Buffer.from('up\n'))
      }, 100)
      await waitUntilReady(ready, log, never)
      expect(seen).toEqual(['k'])
    }))
})

describe('a service without pprof of its own', () => {
  const listening = (port: number, timeoutMs: number): Readiness => ({
    ...{ url: undefined, headers: {}, pattern: undefined, timeoutMs },
    listensAt: [`http://127.0.0.1:${port.toString()}/path`],
  })

  test('is ready when it listens, whatever it answers', async () => {
    const port = await freePort()
    let listens = false
    setTimeout(() => {
      void serve(port, (_request, response) => response.writeHead(500).end()).then(() => {
        listens = true
      })
    }, 200)
    await waitUntilReady(listening(port, 20_000), undefined, never)
    expect(listens).toBe(true)
  })

  test('that listens nowhere is told with the address', async () => {
    const port = await freePort()
    await expect(waitUntilReady(listening(port, 100), undefined, never)).rejects.toMatchObject({
      code: 'not-ready',
      message: `The service was not ready within 100 ms: nothing listens at http://127.0.0.1:${port.toString()}/path.`,
    })
  })
})

describe('a service that does not become ready', () => {
  test('is told with the last thing that was seen of it', async () => {
    const port = await freePort()
    await expect(
      waitUntilReady(readyAt(addressOf(port), 200), undefined, never),
    ).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringMatching(/^The service was not ready within 200 ms: .*ECONNREFUSED/),
    })
    await serve(port, (_request, response) => response.writeHead(500).end())
    await expect(waitUntilReady(readyAt(addressOf(port), 200), undefined, never)).rejects.toThrow(
      `not ready within 200 ms: GET ${addressOf(port)} answered 500.`,
    )
  })

  test('because it never answers is given up in time', async () => {
    const port = await freePort()
    await serve(port, () => undefined)
    const begin = performance.now()
    await expect(waitUntilReady(readyAt(addressOf(port), 300), undefined, never)).rejects.toThrow(
      `not ready within 300 ms: GET ${addressOf(port)} gave no answer.`,
    )
    expect(performance.now() - begin).toBeLessThan(4000)
  })

  test('is not waited for when the run is cancelled', async () => {
    const port = await freePort()
    const cancel = new AbortController()
    setTimeout(() => {
      cancel.abort()
    }, 100)
    await expect(
      waitUntilReady(readyAt(addressOf(port), 60_000), undefined, cancel.signal),
    ).rejects.toThrow(/abort/)
  })
})
