import { afterEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { HttpError } from '../../src/snapshot/http-get.ts'
import {
  askPprof,
  type PprofEndpoint,
  pprofEndpoint,
  PprofError,
  type PprofLimits,
} from '../../src/snapshot/pprof-endpoint.ts'
import { ProfileError } from '../../src/profile/profile-error.ts'
import { closeServers, endless, serve, trickle } from '../support/local-server.ts'
import { recordedBytes } from '../support/recorded-profiles.ts'

afterEach(closeServers)

const HEAP = recordedBytes('go1.27-rate-4096/heap-1.pb.gz')
const SMALL: PprofLimits = { timeoutMs: 5000, maxProfileBytes: 2 ** 20, maxTextBytes: 2 ** 20 }

/** The pprof of a server that answers every question in the same way. */
async function answering(
  answer: RequestListener,
  limits: Partial<PprofLimits> = {},
): Promise<{ readonly url: string; readonly pprof: PprofEndpoint }> {
  const url = (await serve(answer)).replace(/\/$/, '')
  const never = new AbortController().signal
  return { url, pprof: pprofEndpoint({ url, headers: {} }, never, { ...SMALL, ...limits }) }
}

const send =
  (body: Uint8Array | string, headers: Record<string, string> = {}) =>
  (_request: unknown, response: ServerResponse): void => {
    response.writeHead(200, headers).end(body)
  }

const decodeHeap = async (pprof: PprofEndpoint): Promise<unknown> =>
  (await pprof.heapProfile()).decode()

describe('the questions to pprof', () => {
  test('share one connection, which is closed when the last is answered', async () => {
    const closings = new Map<Socket, Promise<unknown>>()
    const url = await serve(({ socket }, response) => {
      if (!closings.has(socket)) closings.set(socket, once(socket, 'close'))
      response.end(HEAP)
    })
    const address = { url: url.replace(/\/$/, ''), headers: {} }
    await askPprof(address, new AbortController().signal, async (pprof) => {
      await pprof.shed()
      await pprof.heapProfile()
      await pprof.goroutineProfile()
    })
    expect(closings.size).toBe(1)
    await Promise.all(closings.values())
    // By itself, Node's server closes an idle connection after five seconds.
  }, 2000)
})

describe('a profile of pprof', () => {
  test('is given as it was sent, and decoded when it is asked for', async () => {
    const { pprof } = await answering(send(HEAP))
    const { bytes, decode } = await pprof.heapProfile()
    expect(new Uint8Array(bytes)).toEqual(HEAP)
    expect(decode().period).toBe(4096)
  })

  test.each<[what: string, body: Uint8Array | string, told: string]>([
    ['is cut short', HEAP.subarray(0, 200), 'the gzip data ends after 200 bytes'],
    ['is a bomb', gzipSync(Buffer.alloc(2 ** 24)), 'inflates to more than 1048576 bytes'],
    ['is a page', '<!doctype html><p>Sign in', 'this is an HTML page, not a profile'],
    ['is empty', '', 'the profile is empty: it has no bytes'],
    ['is compressed twice', gzipSync(HEAP), 'does not exist in a profile'],
  ])('that %s is an error with its address', async (_what, body, told) => {
    const { url, pprof } = await answering(send(body))
    const error = await decodeHeap(pprof).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProfileError)
    expect(error).toMatchObject({
      message: expect.stringContaining(`GET ${url}/heap: `),
      hint: expect.stringContaining(`curl -o profile.pb.gz '${url}/heap'`),
    })
    expect((error as Error).message).toContain(told)
  })

  test('of many objects in few bytes is refused before they are made', async () => {
    const functions = Buffer.alloc(2 ** 24, Buffer.from([0x2a, 0x00]))
    const { pprof } = await answering(send(gzipSync(functions)), { maxProfileBytes: 2 ** 25 })
    await expect(decodeHeap(pprof)).rejects.toThrow('more than 4194304 functions')
  })

  test('without end is given up', async () => {
    const { url, pprof } = await answering(endless)
    await expect(pprof.heapProfile()).rejects.toThrow(`GET ${url}/heap: the body is over 1 MiB`)
  })

  test('that is proved leaked goroutines is none where it is not found', async () => {
    const { pprof } = await answering((_request, response) => response.writeHead(404).end('no'))
    expect(await pprof.leakedGoroutineProfile()).toBeUndefined()
  })
})

describe('the counters of pprof', () => {
  test.each<[what: string, body: string, headers: Record<string, string>, told: string]>([
    ['nothing', '', {}, 'answered nothing, not a heap profile as text'],
    ['a page', '<html>', { 'content-type': 'text/html' }, 'answered "text/html", not a heap'],
    ['words', 'hello', {}, 'answered something else, not a heap profile as text'],
  ])('are not read from %s', async (_what, body, headers, told) => {
    const { url, pprof } = await answering(send(body, headers))
    await expect(pprof.collect()).rejects.toThrow(`GET ${url}/heap?gc=1&debug=1 ${told}`)
    await expect(pprof.collect()).rejects.toBeInstanceOf(PprofError)
  })

  test('are not waited for longer than the limit, though bytes trickle in', async () => {
    const { pprof } = await answering(trickle, { timeoutMs: 300 })
    await expect(pprof.collect()).rejects.toThrow('no whole answer within 300 ms')
    await expect(pprof.collect()).rejects.toBeInstanceOf(HttpError)
  })

  test('are not looked for in a text without end', async () => {
    const { pprof } = await answering(endless)
    await expect(pprof.collect()).rejects.toThrow('the body is over 1 MiB')
  })

  test('are asked for without an encoding, and refused in one', async () => {
    const asked: unknown[] = []
    const { pprof } = await answering((request, response) => {
      asked.push(request.headers['accept-encoding'])
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('heap profile'))
    })
    await expect(pprof.collect()).rejects.toThrow(
      'is answered with the content encoding "gzip", which was not asked for',
    )
    expect(asked).toEqual(['identity'])
  })
})

describe('a redirect of pprof', () => {
  test.each([
    ['http://203.0.113.1:9/steal?x=1', () => 'http://203.0.113.1:9/steal?x=1'],
    ['//203.0.113.1/steal', () => 'http://203.0.113.1/steal'],
    ['/login', (url: string) => `${url}/login`],
    ['http://[', () => 'http://['],
  ])('to %s is refused with the address where it leads', async (location, target) => {
    let asked = 0
    const { url, pprof } = await answering((_request, response) => {
      asked += 1
      response.writeHead(302, { location }).end()
    })
    const told = `is redirected (302) to ${target(url)}, which the gate does not follow`
    await expect(pprof.collect()).rejects.toThrow(told)
    await expect(pprof.heapProfile()).rejects.toThrow(told)
    expect(asked).toBe(2)
  })

  test('to an address without end is told in a readable length', async () => {
    const { pprof } = await answering((_request, response) =>
      response.writeHead(307, { location: `http://203.0.113.1/${'a'.repeat(8000)}` }).end(),
    )
    const error = await pprof.heapProfile().catch((thrown: unknown) => thrown)
    expect((error as Error).message.length).toBeLessThan(400)
  })
})
