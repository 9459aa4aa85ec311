import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JudgedResult, Result } from '../../src/verdict/result.ts'
import { buildService, sourceOf } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { type Finished, heapgate, leftovers, resultIn } from '../support/heapgate.ts'

/** The size class of 1,000,000 bytes in Go's allocator. */
const BYTES_PER_REQUEST = 1_007_616

let leaky: string
let bounded: string
let lab: string
let port: number
let scratch: string

beforeAll(async () => {
  leaky = await buildService('leaky')
  bounded = await buildService('bounded')
  lab = await buildService('lab')
})

beforeEach(async () => {
  port = await freePort()
  scratch = await mkdtemp(join(tmpdir(), 'heapgate-run-'))
})

afterEach(async () => {
  const left = await leftovers(port.toString(), port)
  await rm(scratch, { recursive: true, force: true })
  expect(left).toEqual([])
})

const address = (): string => `127.0.0.1:${port.toString()}`

interface Run extends Finished {
  readonly result: Result
}

/** The flags of a short run; those given win. */
async function run(flags: Readonly<Record<string, string>>): Promise<Run> {
  const reportDirectory = join(scratch, 'report')
  const all = {
    url: `http://${address()}`,
    requests: 'GET /leaky-endpoint',
    'round-requests': '60',
    rounds: '3',
    'cool-down': '100ms',
    'report-dir': reportDirectory,
    ...flags,
  }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  const finished = await heapgate(['run', ...args])
  return { ...finished, result: await resultIn(reportDirectory) }
}

const judged = (result: Result): JudgedResult => {
  if (result.verdict === 'invalid') throw new Error(`invalid: ${result.reason}`)
  return result
}

describe('heapgate run', () => {
  test('fails a service that keeps a megabyte a request, and names the line', async () => {
    const { status, stdout, result } = await run({ run: `${leaky} -addr ${address()}` })
    const source = await readFile(join(sourceOf('leaky'), 'main.go'), 'utf8')
    const line = source.split('\n').findIndex((text) => text.includes('make([]byte, 1000000)')) + 1

    expect(status).toBe(1)
    const { verdict, retained, growth, rounds, measurement } = judged(result)
    expect(verdict).toBe('fail')
    expect(retained.requests).toBe(240)
    expect(retained.bytesPerRequest / BYTES_PER_REQUEST).toBeCloseTo(1, 2)
    expect(growth[0]).toMatchObject({
      function: 'main.handleRequest',
      path: 'fixtures/services/leaky/main.go',
      line,
      own: true,
    })
    expect(rounds).toHaveLength(4)
    expect(measurement.platform.goVersion).toMatch(/^go1\./)
    expect(stdout).toContain('FAIL')
    expect(stdout).toContain(
      `main.handleRequest fixtures/services/leaky/main.go:${line.toString()}`,
    )
    expect(stdout).toMatch(/^> +\d+ \| +Data: make\(\[\]byte, 1000000\),$/m)
  })

  test('passes the same service with an eviction policy, with nothing to look at', async () => {
    const { status, result } = await run({ run: `${bounded} -addr ${address()}` })
    expect(status).toBe(0)
    expect(result.verdict).toBe('pass')
    const { retained, notes, growth } = judged(result)
    expect(Math.abs(retained.bytes)).toBeLessThan(200_000)
    expect(notes).toEqual([])
    expect(growth.filter(({ source }) => source !== undefined)).toEqual([])
  })

  test('judges a budget per request', async () => {
    const { status, result } = await run({
      run: `${leaky} -addr ${address()}`,
      'max-retained': '1GiB',
      'max-retained-per-request': '512KiB',
    })
    expect(status).toBe(1)
    expect(judged(result).budgets.map(({ name, state }) => [name, state])).toEqual([
      ['max-retained', 'within'],
      ['max-retained-per-request', 'over'],
    ])
  })

  test('stops the load at memory-guard and judges the requests answered until then', async () => {
    const { status, result } = await run({
      run: `${lab} -addr ${address()}`,
      requests: 'GET /keep?bytes=1000000',
      'round-requests': '3000',
      'warmup-requests': '10',
      'memory-guard': '300MiB',
    })
    expect(status).toBe(1)
    const { retained, measurement } = judged(result)
    expect(measurement.rounds).toHaveLength(1)
    expect(measurement.rounds[0]?.load.cut).toBe('memory-guard')
    expect(retained.requests).toBeLessThan(3000)
    expect(retained.bytesPerRequest / BYTES_PER_REQUEST).toBeGreaterThan(0.95)
    expect(retained.bytesPerRequest / BYTES_PER_REQUEST).toBeLessThan(1.25)
  })

  test('judges the warm-up itself when memory-guard stops it', async () => {
    const { status, result } = await run({
      run: `${lab} -addr ${address()}`,
      requests: 'GET /keep?bytes=1000000',
      'warmup-requests': '3000',
      'memory-guard': '200MiB',
    })
    expect(status).toBe(1)
    const { retained, measurement, notes } = judged(result)
    expect(measurement.baselineAt).toBe('before-warmup')
    // What was on its way when the guard stopped the load is kept, but not answered.
    expect(retained.bytesPerRequest / BYTES_PER_REQUEST).toBeGreaterThan(0.95)
    expect(retained.bytesPerRequest / BYTES_PER_REQUEST).toBeLessThan(1.25)
    expect(notes.join(' ')).toContain('during the warm-up')
  })

  test('refuses a goroutine budget below what comes without load', async () => {
    const { status, result } = await run({
      run: `${lab} -addr ${address()}`,
      requests: 'GET /breed',
      'max-goroutine-growth': '5',
    })
    expect(status).toBe(3)
    expect(result.reason).toMatch(
      /^max-goroutine-growth comes to 5 goroutines over the load, but two looks without any load between them differ by \d+ goroutines already\.$/,
    )
  })

  test('finds a leak beside a cache that expires, by what stays after each of two waits', async () => {
    const { status, result } = await run({
      run: `${lab} -addr ${address()}`,
      requests: 'GET /keep?bytes=40000\nGET /linger?bytes=200000&ms=5000',
      'cool-down': '5500ms',
    })
    expect(status).toBe(1)
    expect(result.reason).toContain('between two waits without load (')
    expect(result.reason).toContain('Look first at main.(*shelf).put ')
    const [budget] = judged(result).budgets
    // 40,960 bytes in the allocator's size class, for every other request, and what keeps them.
    const each = (budget?.later?.bytes ?? 0) / (budget?.later?.requests ?? 1)
    expect(each).toBeGreaterThan(20_480)
    expect(each).toBeLessThan(20_480 * 1.03)
    const files = await readdir(join(scratch, 'report/profiles'))
    expect(files).toEqual(expect.arrayContaining(['cool-down.pb.gz', 'cool-down-2.pb.gz']))
  })

  test('tells of memory outside the Go heap, and max-rss-growth limits it', async () => {
    const flags = { run: `${lab} -addr ${address()}`, requests: 'GET /map?bytes=1000000' }
    const within = await run(flags)
    expect(within.status).toBe(0)
    const { retained, notes } = judged(within.result)
    const mapped = (180 * 1_000_000) / (retained.outsideGo ?? 0)
    expect(mapped).toBeGreaterThan(1)
    expect(mapped).toBeLessThan(1.3)
    expect(notes.join()).toContain('memory of cgo or mmap, which no heap profile shows')

    const over = await run({ ...flags, 'max-rss-growth': '64MiB' })
    expect(over.status).toBe(1)
    expect(over.result.reason).toContain('max-rss-growth allows 64 MiB')
  })

  test('names the line in a binary built with -trimpath', async () => {
    const { result } = await run({
      'working-directory': sourceOf('leaky'),
      build: `go build -trimpath -o ${join(scratch, 'trimmed')} .`,
      run: `${join(scratch, 'trimmed')} -addr ${address()}`,
    })
    expect(judged(result).growth[0]).toMatchObject({
      file: 'example.com/leaky/main.go',
      path: 'fixtures/services/leaky/main.go',
      own: true,
    })
  })

  test('says that the sampling rate is not the one asked for', async () => {
    const { result } = await run({
      run: `GODEBUG=memprofilerate=65536 ${bounded} -addr ${address()}`,
    })
    expect(judged(result).notes.join(' ')).toContain('samples every 64 KiB, not every 4 KiB')
  })
})

test('a load with too many errors is invalid, and told by status', async () => {
  const { status, stdout } = await run({
    run: `${leaky} -addr ${address()}`,
    requests: 'GET /leaky-endpoint\nGET /no-such-page',
  })
  expect(status).toBe(3)
  expect(stdout).toMatch(/(\d+) of \d+ requests failed \(50 %\): more than max-error-rate allows/)
  expect(stdout).toMatch(/(\d+) × 200, \1 × 404/)
})

describe('wrong use', () => {
  test('tells all mistaken options at once and starts nothing', async () => {
    const { status, stderr } = await heapgate([
      'run',
      ...['--max-retained', '1 megabyte', '--url', 'localhost:8080', '--rounds', 'many'],
    ])
    expect(status).toBe(2)
    expect(stderr).toContain('run: missing')
    expect(stderr).toContain('max-retained: "1 megabyte": expected a size such as 512KiB or 2MB')
    expect(stderr).toContain('url: "localhost:8080": expected an address')
    expect(stderr).toContain('rounds: "many": expected a whole number')
  })

  test('suggests the nearest flag and the nearest command', async () => {
    expect((await heapgate(['run', '--max-retaind', '1'])).stderr).toContain(
      '--max-retaind: unknown flag, did you mean --max-retained?',
    )
    const { status, stderr } = await heapgate(['rnu'])
    expect(status).toBe(2)
    expect(stderr).toContain('rnu: unknown command, did you mean run?')
  })

  test('--help tells every option, --version the version', async () => {
    const help = await heapgate(['run', '--help'])
    expect(help.status).toBe(0)
    expect(help.stdout).toContain('--max-retained SIZE')
    expect((await heapgate(['--version'])).stdout).toMatch(/^heapgate \d+\.\d+\.\d+\n$/)
  })
})

test('heapgate judge judges a recorded measurement again, by other budgets', async () => {
  await run({ run: `${leaky} -addr ${address()}` })
  const file = join(scratch, 'report/result.json')
  const generous = await heapgate(['judge', file, '--max-retained', '10GiB'])
  expect(generous.status).toBe(0)
  expect(generous.stdout).toContain('PASS')
  const ignoring = await heapgate(['judge', file, '--ignore', 'handleRequest # known', '--json'])
  expect(ignoring.status).toBe(0)
  expect(JSON.parse(ignoring.stdout)).toMatchObject({
    verdict: 'pass',
    ignored: [{ pattern: 'handleRequest', reason: 'known' }],
  })
  expect((await heapgate(['judge', file])).status).toBe(1)
})

test('heapgate report renders a recorded result again', async () => {
  const { result, stdout } = await run({ run: `${leaky} -addr ${address()}` })
  const file = join(scratch, 'report/result.json')
  const again = await heapgate(['report', file])
  expect(again.status).toBe(0)
  expect(stdout.startsWith(again.stdout)).toBe(true)
  const markdown = await heapgate(['report', file, '--markdown'])
  expect(markdown.stdout).toBe(await readFile(join(scratch, 'report/report.md'), 'utf8'))
  expect(markdown.stdout).toContain(result.reason.slice(0, 20))

  const bad = await heapgate(['report', join(sourceOf('leaky'), 'main.go')])
  expect(bad.status).toBe(2)
  expect(bad.stderr).toContain('this is no JSON')
})
