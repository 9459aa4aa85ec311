import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isListening } from '../../src/service/listening.ts'
import { buildService } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { type Finished, heapgate, resultIn } from '../support/heapgate.ts'

const SECRET = 'hunter2-hunter2'

let lab: string
let port: number
let scratch: string
let service: ChildProcess
let gatekeeper: Server | undefined

beforeAll(async () => {
  lab = await buildService('lab')
})

beforeEach(async () => {
  port = await freePort()
  scratch = await mkdtemp(join(tmpdir(), 'heapgate-attach-'))
  service = spawn(lab, ['-addr', address()], { stdio: 'ignore' })
  while (!(await isListening(`http://${address()}`))) await sleep(10)
})

afterEach(async () => {
  service.kill('SIGKILL')
  gatekeeper?.closeAllConnections()
  gatekeeper?.close()
  gatekeeper = undefined
  await rm(scratch, { recursive: true, force: true })
})

const address = (): string => `127.0.0.1:${port.toString()}`

/** The gate on the service that runs already; the flags given win. */
const gate = (flags: Readonly<Record<string, string>> = {}): Promise<Finished> => {
  const all = {
    url: `http://${address()}`,
    'pprof-url': `http://${address()}/debug/pprof`,
    requests: 'GET /keep?bytes=10000',
    'round-requests': '100',
    rounds: '2',
    'cool-down': '50ms',
    'ready-timeout': '3s',
    'report-dir': join(scratch, 'report'),
    ...flags,
  }
  return heapgate(['run', ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])])
}

/** A server before pprof that lets through only what shows the secret. */
async function guarded(): Promise<string> {
  const guardPort = await freePort()
  gatekeeper = createServer((asked, answer) => {
    if (asked.headers.authorization !== `Bearer ${SECRET}`) {
      answer.writeHead(401).end()
      return
    }
    const onward = request({ port, host: '127.0.0.1', path: asked.url }, (from) => {
      answer.writeHead(from.statusCode ?? 502)
      from.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    onward.end()
  }).listen(guardPort, '127.0.0.1')
  await once(gatekeeper, 'listening')
  return `http://127.0.0.1:${guardPort.toString()}/debug/pprof`
}

describe('a service that runs already', () => {
  test('is measured, judged by line, and left running', async () => {
    const { status, stdout } = await gate()
    expect(status).toBe(1)
    expect(stdout).toContain('Look first at main.(*shelf).put (fixtures/services/lab/main.go:')
    expect(stdout).toContain(`already running at http://${address()}`)
    expect(service.exitCode).toBeNull()
    expect(await isListening(`http://${address()}`)).toBe(true)
    const result = await resultIn(join(scratch, 'report'))
    expect(result).toMatchObject({ retained: { residentBytes: null, threads: null } })
    expect(result.notes).toEqual([
      expect.stringContaining('heapgate did not start the service, so it could not ask'),
    ])
  })

  test('passes when it keeps nothing', async () => {
    expect((await gate({ requests: 'GET /ok' })).status).toBe(0)
  })

  test('has no resident memory that a budget could limit', async () => {
    const { status, stdout } = await gate({ 'max-rss-growth': '1GiB' })
    expect(status).toBe(3)
    expect(stdout).toContain('max-rss-growth needs the processes of the service')
  })

  test('that answers nothing is not waited for longer than ready-timeout', async () => {
    service.kill('SIGKILL')
    await once(service, 'exit')
    const { status, stdout } = await gate({ 'ready-timeout': '300ms' })
    expect(status).toBe(3)
    expect(stdout).toContain('The service was not ready within 300 ms: GET http://127.0.0.1:')
  })

  test('that ends in the middle makes the run invalid', async () => {
    const { status, stdout } = await gate({ requests: 'GET /exit' })
    expect(status).toBe(3)
    expect(stdout).toMatch(/ECONNREFUSED|ECONNRESET|None of .* was answered/)
  })
})

describe('pprof that needs a header', () => {
  test('is asked with it, and its value is in no output and no report', async () => {
    const headers = `Authorization: Bearer ${SECRET}`
    const { status, stdout, stderr } = await gate({
      'pprof-url': await guarded(),
      'pprof-headers': headers,
    })
    expect(status).toBe(1)
    const files = ['result.json', 'report.md'].map((name) => join(scratch, 'report', name))
    const written = await Promise.all(files.map((path) => readFile(path, 'utf8')))
    expect(written[1]).toContain("--pprof-headers 'Authorization: …'")
    expect([stdout, stderr, ...written].join('\n')).not.toContain(SECRET)
  })

  test('is not readable without it, and the answer is told', async () => {
    const { status, stdout } = await gate({
      'pprof-url': await guarded(),
      'ready-timeout': '300ms',
    })
    expect(status).toBe(3)
    expect(stdout).toContain('answered 401')
  })

  test('keeps its value secret in the log of a service that prints it, and in its command', async () => {
    service.kill('SIGKILL')
    await once(service, 'exit')
    const { status, stdout, stderr } = await gate({
      build: `: ${SECRET}`,
      run: `printenv; printf 'x%.0s' $(seq 390); echo '${SECRET}'; echo 'key is ${SECRET}, all of it Bearer ${SECRET}' && exit 1`,
      env: 'A=1',
      'pprof-headers': `Authorization: Bearer ${SECRET}`,
    })
    expect(status).toBe(3)
    expect(stdout).toContain('key is ***, all of it ***')
    // A long line is cut in the middle of it.
    expect(stdout).toContain('xx***…')
    expect(stdout + stderr).not.toContain(SECRET)
    const names = ['result.json', 'report.md', 'service.log']
    for (const name of names) {
      const text = await readFile(join(scratch, 'report', name), 'utf8')
      expect(text).not.toContain(SECRET)
    }
  })
})
