import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isListening } from '../../src/service/listening.ts'
import type { Result } from '../../src/verdict/result.ts'
import { PROJECT, sourceOf } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { type Finished, leftovers, resultIn, runNode } from '../support/heapgate.ts'
import { TOOLCHAINS } from '../support/toolchains.ts'

const run = promisify(execFile)

let port: number
let scratch: string
/** A git repository with a copy of a service, clean at the start and at the end. */
let repository: string
/** The temporary directory of the gate, empty at the end. */
let temporary: string

beforeEach(async () => {
  port = await freePort()
  scratch = await mkdtemp(join(tmpdir(), 'heapgate-instrumented-'))
  repository = join(scratch, 'repository')
  temporary = join(scratch, 'tmp')
  await mkdir(temporary)
})

afterEach(async () => {
  const left = await leftovers(scratch, port)
  const status = await git('status', '--porcelain', '--ignored')
  const inTemporary = await readdir(temporary)
  await rm(scratch, { recursive: true, force: true })
  expect({ left, status, inTemporary }).toEqual({ left: [], status: '', inTemporary: [] })
})

const git = async (...args: string[]): Promise<string> => {
  const as = ['-c', 'user.name=t', '-c', 'user.email=t@example.com']
  return (await run('git', ['-C', repository, ...as, ...args])).stdout
}

/** Makes the repository of a service of the fixtures, and of the files given. */
async function commit(
  fixture: string,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  await cp(sourceOf(fixture), repository, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(repository, name), text)
  await git('init', '--quiet')
  await git('add', '--all', '--force')
  await git('commit', '--quiet', '--message', 'a service')
}

const address = (): string => `127.0.0.1:${port.toString()}`
const binary = (): string => join(scratch, 'server')

interface Gated extends Finished {
  readonly result: Result
}

/** The gate in the repository, with a short run; the flags given win. */
async function gate(
  flags: Readonly<Record<string, string>>,
  onStderr?: (text: string, pid: number) => void,
): Promise<Gated> {
  const reportDirectory = join(scratch, 'report')
  const all = {
    run: `${binary()} -addr ${address()}`,
    url: `http://${address()}`,
    requests: 'GET /orders',
    'round-requests': '60',
    'warmup-requests': '120',
    rounds: '3',
    'cool-down': '50ms',
    'max-retained': '512KiB',
    'report-dir': reportDirectory,
    ...flags,
  }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  const finished = await runNode([join(PROJECT, 'dist/cli.js'), 'run', ...args], {
    cwd: repository,
    env: { ...process.env, TMPDIR: temporary },
    ...(onStderr === undefined ? {} : { onStderr }),
  })
  const result = await resultIn(reportDirectory)
  expect(await isListening(result.measurement.setup.pprofUrl)).toBe(false)
  return { ...finished, result }
}

/** Where a piece of code stands in a fixture: its path and its line. */
async function placeOf(fixture: string, file: string, code: string): Promise<object> {
  const source = await readFile(join(sourceOf(fixture), file), 'utf8')
  const line = source.split('\n').findIndex((text) => text.includes(code)) + 1
  return { path: file, line, own: true }
}

const LAYOUTS = [
  {
    fixture: 'layouts/single',
    main: '.',
    leak: ['main.go', 'make([]byte, 16<<10)'],
  },
  {
    fixture: 'layouts/workspace',
    main: './shop/cmd/shop',
    leak: ['store/store.go', 'make([]byte, 16<<10)'],
  },
  {
    fixture: 'layouts/vendored',
    main: '.',
    leak: ['main.go', 'orders.Add(16 << 10)'],
  },
] as const

describe.each(TOOLCHAINS)('a service without pprof, GOTOOLCHAIN=%s', (toolchain) => {
  test.each(LAYOUTS)(
    '$fixture: a leak fails with its line, the clean service passes',
    async ({ fixture, main, leak: [file, code] }) => {
      await commit(fixture)
      const flags = {
        build: `go build -o ${binary()} ${main}`,
        instrument: main,
        env: `GOTOOLCHAIN=${toolchain}`,
      }
      const leaky = await gate(flags)
      expect(leaky.result.reason).toContain('The service kept')
      expect(leaky.status).toBe(1)
      if (leaky.result.verdict === 'invalid') throw new Error(leaky.result.reason)
      const { growth, measurement, notes, retained } = leaky.result
      expect(growth[0]).toMatchObject(await placeOf(fixture, file, code))
      expect(growth.filter(({ own, function: name }) => own && name.includes('heapgate'))).toEqual(
        [],
      )
      expect(retained.bytesPerRequest / 2 ** 14).toBeCloseTo(1, 0)
      expect(measurement.setup.instrument).toBe(main)
      expect(leaky.stdout).toMatch(/^Instrumented +\.\S*$/m)
      expect(measurement.baseline.period).toBe(4096)
      expect(notes.join(' ')).not.toContain('samples every')
      if (toolchain !== 'local') expect(measurement.platform.goVersion).toBe(toolchain)

      const clean = await gate({ ...flags, run: `${binary()} -clean -addr ${address()}` })
      expect(clean.result.verdict).toBe('pass')
    },
  )
})

test('a service with a pprof of its own is judged by the one compiled into it', async () => {
  await commit('leaky')
  const build = `go build -o ${binary()} .`
  const flags = { build, requests: 'GET /leaky-endpoint', 'round-requests': '20' }
  const place = await placeOf('leaky', 'main.go', 'make([]byte, 1000000)')
  const { status, result } = await gate({ ...flags, instrument: '.' })
  expect(status).toBe(1)
  if (result.verdict === 'invalid') throw new Error(result.reason)
  expect(result.growth[0]).toMatchObject(place)
  expect(result.retained.bytesPerRequest / 1_007_616).toBeCloseTo(1, 1)
})

test('a Makefile that takes GOFLAGS as they are, and go run, need no change', async () => {
  await commit('layouts/workspace', {
    Makefile: 'server:\n\tcd shop && go build -o $(OUT) ./cmd/shop\n',
  })
  const instrument = './shop/cmd/shop'
  const made = await gate({
    build: `make OUT=${binary()}`,
    instrument,
    env: 'GOFLAGS=-mod=readonly',
  })
  expect(made.status).toBe(1)
  const ran = await gate({
    run: `cd shop && go run ./cmd/shop -clean -addr ${address()}`,
    instrument,
  })
  expect(ran.result.verdict).toBe('pass')
})

describe('the run is invalid and says why', () => {
  test.each([
    ['./cmd/nope', 'There is no package `./cmd/nope`.'],
    ['store', '`store` is package store, not main.'],
  ])('when %s is instrumented, beside the packages that can be', async (instrument, message) => {
    await commit('layouts/workspace')
    const { status, stdout, result } = await gate({ build: 'echo built; exit 1', instrument })
    expect(status).toBe(3)
    expect(result.measurement).toMatchObject({
      failure: { code: 'instrument-failed', stage: 'instrument' },
    })
    expect(stdout).toContain(message)
    expect(stdout).toContain('Main packages there: ./shop/cmd/import, ./shop/cmd/shop.')
  })

  test.each([
    ['GOFLAGS=-mod=mod go build -o $OUT .', 'GOFLAGS carries it into the build'],
    ['go build -o $OUT main.go', 'it was built from files named one by one'],
  ])('when the build leaves the file out: %s', async (build, message) => {
    await commit('layouts/single')
    const { status, stdout, result } = await gate({
      build: build.replace('$OUT', binary()),
      instrument: '.',
    })
    expect(status).toBe(3)
    expect(stdout).toContain('The service is up, but without the pprof of `instrument`')
    expect(stdout).toContain(message)
    expect(result.measurement).toMatchObject({ failure: { code: 'instrument-failed' } })
  })

  test('when another main than the instrumented one is started', async () => {
    await commit('layouts/workspace')
    const { stdout } = await gate({
      build: `go build -o ${binary()} ./shop/cmd/shop`,
      instrument: './shop/cmd/import',
    })
    expect(stdout).toContain(
      'what runs is example.com/shop/cmd/shop, and `instrument` names example.com/shop/cmd/import',
    )
  })

  test('when the service does not listen at url, though its pprof answers', async () => {
    await commit('layouts/single')
    const url = `http://127.0.0.1:${(await freePort()).toString()}`
    const { stdout } = await gate({
      build: `go build -o ${binary()} .`,
      instrument: '.',
      url,
      'ready-timeout': '1s',
    })
    expect(stdout).toContain(`not ready within 1 s: nothing listens at ${url}`)
  })
})

describe('nothing is left when the run is cancelled', () => {
  const cancelled = (times: number): Promise<Gated> => {
    let told = false
    const flags = {
      instrument: '.',
      build: `go build -o ${binary()} .`,
      // Two processes, one of which has to be killed.
      run: `(trap '' TERM; exec -a ${scratch}/stubborn sleep 1000) & exec ${binary()} -clean -addr ${address()}`,
      'stop-timeout': times === 1 ? '100ms' : '1m',
      'round-requests': '100000000',
    }
    return gate(flags, (text, pid) => {
      if (told || !text.includes('round 1 of')) return
      told = true
      for (let time = 0; time < times; time++) {
        setTimeout(() => process.kill(pid, 'SIGTERM'), time * 500)
      }
    })
  }

  test('once', async () => {
    await commit('layouts/single')
    expect((await cancelled(1)).stdout).toContain('The run was cancelled')
  })

  test('twice, which ends the gate at once', async () => {
    await commit('layouts/single')
    await expect(cancelled(2)).rejects.toThrow('report/result.json')
  })
})
