import { afterEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { buildEnvironment } from '../../src/service/environment.ts'
import {
  freeLoopbackAddress,
  instrument,
  type Instrumentation,
} from '../../src/service/instrument.ts'
import { type Readiness, waitUntilReady } from '../../src/service/ready.ts'
import { ServiceProcess } from '../../src/service/service-process.ts'
import { readGoroutines } from '../../src/snapshot/growth.ts'
import { httpGet } from '../../src/snapshot/http-get.ts'
import { pprofEndpoint } from '../../src/snapshot/pprof-endpoint.ts'
import { openSourceTree } from '../../src/source/source-tree.ts'
import { sourceOf } from '../support/fixture-service.ts'
import { inScratch } from '../support/heapgate.ts'
import { TOOLCHAINS } from '../support/toolchains.ts'

const run = promisify(execFile)
const never = new AbortController().signal

let instrumentations: Instrumentation[] = []
afterEach(() => {
  for (const { remove } of instrumentations) remove()
  instrumentations = []
})

type Environment = Record<string, string>

interface Instrumented {
  readonly forBuild: Environment
  readonly forService: Environment
  readonly address: string
  readonly remove: () => void
}

const readyAt = (url: string, timeoutMs: number): Readiness => ({
  ...{ url, headers: {}, listensAt: [], pattern: undefined, timeoutMs },
})

/** The environments of an instrumented build and run. */
async function prepare(
  directory: string,
  mainPackage: string,
  given: Environment = {},
): Promise<Instrumented> {
  const environment = buildEnvironment({
    inherited: process.env,
    tokens: [],
    headers: [],
    given: Object.entries(given),
  })
  const address = await freeLoopbackAddress()
  const plan = { mainPackage, directory, environment, address, memProfileRate: 512 }
  const instrumentation = await instrument(plan, never)
  instrumentations.push(instrumentation)
  const start = { command: '', directory, environment, logFile: '' }
  const plans = instrumentation.into({
    build: start,
    boot: { ...start, addresses: [], readiness: readyAt('', 0), stopTimeoutMs: 0 },
  })
  return {
    forBuild: { ...plans.build?.environment },
    forService: { ...plans.boot.environment },
    address,
    remove: instrumentation.remove,
  }
}

/** A package main that prints what it finds, in a module of the oldest dialect; gives its directory. */
async function printer(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'go.mod'), 'module example.com/printer\n\ngo 1.13\n')
  await writeFile(
    join(directory, 'main.go'),
    `package main

import (
	"fmt"
	"runtime"
)

var atInit = runtime.MemProfileRate

func errors() {}
func net()    {}
func http()   {}
func os()     {}

func main() { fmt.Println(atInit, runtime.NumGoroutine()) }
`,
  )
  return directory
}

/** Builds the printer; gives the path of its binary. */
async function buildPrinter(directory: string, env: Environment): Promise<string> {
  const binary = join(directory, 'printer')
  await run('go', ['build', '-o', binary, '.'], { cwd: directory, env })
  return binary
}

/** The files that the go command takes a package to have. */
const filesOf = async (directory: string, env: Environment, ...flags: string[]): Promise<string> =>
  (await run('go', ['list', ...flags, '-f', '{{.GoFiles}}', '.'], { cwd: directory, env })).stdout

const OURS_AND_MAIN = '[00_heapgate_pprof.go main.go]\n'

/** The overlay that the GOFLAGS of an environment name. */
const overlayOf = (environment: Environment): string =>
  /(?<=-overlay=)\S+$/.exec(environment['GOFLAGS'] ?? '')?.[0] ?? ''

const holdsOurs = async (binary: string): Promise<boolean> =>
  (await readFile(binary, 'latin1')).includes('HEAPGATE_PPROF')

describe.each(TOOLCHAINS)('the file laid over package main, GOTOOLCHAIN=%s', (toolchain) => {
  const go = { GOTOOLCHAIN: toolchain }

  test('sets the rate before the package’s own variables, and is inert without its variable', () =>
    inScratch(async (scratch) => {
      const directory = await printer(scratch)
      const { forBuild, forService } = await prepare(directory, '.', go)
      const binary = await buildPrinter(directory, forBuild)
      expect(await holdsOurs(binary)).toBe(true)
      expect((await run(binary, { env: forService })).stdout).toBe('512 2\n')
      expect((await run(binary, { env: forBuild })).stdout).toBe('524288 1\n')
    }))

  test('answers as net/http/pprof does, beside a service that serves other things there', () =>
    inScratch(async (scratch) => {
      const directory = sourceOf('layouts/single')
      const { forBuild, forService, address } = await prepare(directory, '.', go)
      const binary = join(scratch, 'single')
      await run('go', ['build', '-o', binary, '.'], { cwd: directory, env: forBuild })
      const own = await freeLoopbackAddress()
      const service = await ServiceProcess.start({
        command: `exec ${binary} -addr ${own}`,
        directory,
        environment: forService,
        logFile: join(scratch, 'log'),
      })
      try {
        const url = `http://${address}/debug/pprof`
        await waitUntilReady(readyAt(`http://${own}/orders`, 20_000), undefined, never)
        const endpoint = pprofEndpoint({ url, headers: {} }, never)
        expect((await endpoint.collect()).heapObjects).toBeGreaterThan(100)
        expect((await endpoint.heapProfile()).decode().period).toBe(512)
        expect(await endpoint.goroutineDump()).toContain('main.heapgateAnswer')
        const leaked = await endpoint.leakedGoroutineProfile()
        if (toolchain === 'go1.27.3') expect(leaked?.bytes.length).toBeGreaterThan(0)
        if (toolchain === 'go1.19.13') expect(leaked).toBeUndefined()

        const get = (path: string): ReturnType<typeof httpGet> =>
          httpGet(`http://${address}${path}`, { timeoutMs: 5000, maxBytes: 2 ** 20, signal: never })
        expect((await get('/debug/pprof/')).body.toString()).toContain('threadcreate')
        expect((await get('/debug/pprof/cmdline')).body.toString()).toBe(
          [binary, '-addr', own].join('\0'),
        )
        expect((await get('/debug/pprof/nonesuch')).status).toBe(404)
        expect((await get('/orders')).status).toBe(404)
        const theirs = { timeoutMs: 5000, maxBytes: 2 ** 20, signal: never }
        expect((await httpGet(`http://${own}/debug/pprof/`, theirs)).body.toString()).toBe(
          'Gopprof is not served here\n',
        )

        const after = (await endpoint.goroutineProfile()).decode()
        const { samples } = after
        const none = { ...after, samples: { ...samples, values: samples.values.map(() => 0) } }
        const frames = readGoroutines(none, after, new Map(), openSourceTree(directory)).flatMap(
          (stack) => stack.frames,
        )
        const ours = frames.filter(({ file }) => file.endsWith('heapgate_pprof.go'))
        expect(ours.length).toBeGreaterThan(0)
        expect(ours.filter(({ path }) => path !== undefined)).toEqual([])
        expect(frames.find((frame) => frame.function === 'main.main')?.path).toBe('main.go')
      } finally {
        await service.stop(1000)
      }
    }))
})

describe('a process of the instrumented service', () => {
  test('goes on in silence when another one has the address, and says why it can’t listen', () =>
    inScratch(async (scratch) => {
      const directory = await printer(scratch)
      const { forBuild, forService, address } = await prepare(directory, '.')
      const binary = await buildPrinter(directory, forBuild)
      const other = await ServiceProcess.start({
        command: `exec node -e "require('net').createServer().listen(${address.split(':')[1] ?? ''}, '127.0.0.1', () => console.log('up'))"`,
        directory,
        environment: forBuild,
        logFile: join(scratch, 'log'),
      })
      try {
        while (!other.log.lastLines().includes('up')) await new Promise(setImmediate)
        expect(await run(binary, { env: forService })).toEqual({ stdout: '512 1\n', stderr: '' })
      } finally {
        await other.stop(0)
      }
      const elsewhere = { ...forService, HEAPGATE_PPROF: '192.0.2.1:1' }
      const { stdout, stderr } = await run(binary, { env: elsewhere })
      expect(stdout).toBe('512 1\n')
      expect(stderr).toMatch(/^heapgate: no pprof: listen tcp 192\.0\.2\.1:1: .*\n$/)
    }))
})

describe('GOFLAGS', () => {
  test('of the environment and of go env -w are kept', () =>
    inScratch(async (scratch) => {
      const directory = await printer(scratch)
      const fromVariable = await prepare(directory, '.', { GOFLAGS: '-mod=mod -trimpath' })
      expect(fromVariable.forBuild['GOFLAGS']).toMatch(
        /^-mod=mod -trimpath -overlay=\S+\/overlay\.json$/,
      )
      expect(fromVariable.forService['GOFLAGS']).toBe(fromVariable.forBuild['GOFLAGS'])
      await writeFile(join(scratch, 'goenv'), 'GOFLAGS=-mod=mod\n')
      const fromFile = await prepare(directory, '.', { GOENV: join(scratch, 'goenv'), GOFLAGS: '' })
      expect(fromFile.forBuild['GOFLAGS']).toMatch(/^-mod=mod -overlay=/)
    }))

  test('with an overlay are refused: there can be one only', () =>
    inScratch(async (scratch) => {
      const directory = await printer(scratch)
      await expect(prepare(directory, '.', { GOFLAGS: '-overlay=mine.json' })).rejects.toThrow(
        'GOFLAGS sets -overlay already: -overlay=mine.json',
      )
    }))

  test('have no space in them when the temporary directory has', () =>
    inScratch(async (scratch) => {
      const directory = await printer(join(scratch, 'code'))
      const before = process.env['TMPDIR']
      process.env['TMPDIR'] = join(scratch, 'with a space')
      try {
        await mkdir(process.env['TMPDIR'])
        const { forBuild } = await prepare(directory, '.')
        expect(overlayOf(forBuild)).toMatch(/^\/tmp\/heapgate-\S+$/)
        expect(await filesOf(directory, forBuild)).toBe(OURS_AND_MAIN)
      } finally {
        if (before === undefined) delete process.env['TMPDIR']
        else process.env['TMPDIR'] = before
      }
    }))
})

describe('the package to instrument', () => {
  test('is found from a symbolic link to its directory, however the shell names that', () =>
    inScratch(async (given) => {
      const scratch = await realpath(given)
      await printer(join(scratch, 'real/cmd'))
      await symlink(join(scratch, 'real'), join(scratch, 'link'))
      const inLink = await prepare(join(scratch, 'link'), './cmd')
      const byPwd = await prepare(join(scratch, 'real'), './cmd', { PWD: join(scratch, 'link') })
      const byPwdInLink = await prepare(join(scratch, 'link'), './cmd', {
        PWD: join(scratch, 'link/cmd'),
      })
      for (const { forBuild } of [inLink, byPwd, byPwdInLink]) {
        for (const root of ['real', 'link']) {
          const cwd = join(scratch, root, 'cmd')
          expect(await filesOf(cwd, { ...forBuild, PWD: cwd })).toBe(OURS_AND_MAIN)
        }
      }
    }))

  test('may be in a module below working-directory, and be named without ./ or by import path', () =>
    inScratch(async (scratch) => {
      await printer(join(scratch, 'services/printer'))
      const overlaid = async (directory: string, name: string): Promise<string> => {
        const { forBuild } = await prepare(directory, name)
        const overlay = await readFile(overlayOf(forBuild), 'utf8')
        const { Replace } = JSON.parse(overlay) as { Replace: Environment }
        return Object.keys(Replace).map(dirname).join()
      }
      const expected = join(scratch, 'services/printer')
      expect(await overlaid(scratch, './services/printer')).toBe(expected)
      expect(await overlaid(scratch, 'services/printer')).toBe(expected)
      expect(await overlaid(expected, 'example.com/printer')).toBe(expected)
    }))

  test('may have no file yet that the build tags so far let in', () =>
    inScratch(async (scratch) => {
      const directory = await printer(scratch)
      const main = join(directory, 'main.go')
      await writeFile(main, `//go:build server\n\n${await readFile(main, 'utf8')}`)
      const { forBuild } = await prepare(directory, '.')
      expect(await filesOf(directory, forBuild, '-tags', 'server')).toBe(OURS_AND_MAIN)
    }))

  const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'no failure',
      (error: unknown) => error,
    )

  test.each([
    ['shop', './cmd/nope', 'There is no package `./cmd/nope`.', './cmd/import, ./cmd/shop.'],
    ['.', 'nope', 'There is no package `nope`: ', './shop/cmd/import, ./shop/cmd/shop.'],
    [
      'shop',
      'example.com/nope',
      'There is no package `example.com/nope`',
      './cmd/import, ./cmd/shop',
    ],
    ['store', '.', '`.` is package store, not main.', '../shop/cmd/import, ../shop/cmd/shop.'],
    ['shop', './cmd', 'There is no package `./cmd`: no Go files in', './cmd/import, ./cmd/shop.'],
  ])('is told beside those that there are: in %s, %s', async (directory, name, message, hint) => {
    const workspace = join(sourceOf('layouts/workspace'), directory)
    const failure = await failureOf(prepare(workspace, name))
    expect(failure).toMatchObject({
      code: 'instrument-failed',
      hint: expect.stringContaining(hint),
    })
    expect(String(failure)).toContain(message)
  })

  test('is told beside ten others at most', () =>
    inScratch(async (scratch) => {
      await printer(scratch)
      for (let index = 0; index < 12; index++) {
        const directory = join(scratch, `cmd/c${index.toString().padStart(2, '0')}`)
        await mkdir(directory, { recursive: true })
        await writeFile(join(directory, 'main.go'), 'package main\n\nfunc main() {}\n')
      }
      expect(await failureOf(prepare(scratch, './nope'))).toMatchObject({
        hint: expect.stringMatching(/Main packages there: \., \.\/cmd\/c00, .*c08 and 3 more\.$/),
      })
    }))

  test('needs a module that can be read, a directory, and a go command', () =>
    inScratch(async (scratch) => {
      await printer(scratch)
      expect(await failureOf(prepare(join(scratch, 'nope'), '.'))).toMatchObject({
        message: `There is no directory ${join(scratch, 'nope')}.`,
      })
      expect(await failureOf(prepare(scratch, '.', { PATH: '/nonexistent' }))).toMatchObject({
        code: 'instrument-failed',
        message: '`instrument` needs go, which is not on PATH.',
      })
      await writeFile(join(scratch, 'go.mod'), 'modul example.com/printer\n')
      expect(await failureOf(prepare(scratch, '.'))).toMatchObject({
        message: 'go list can’t read `.`.',
        log: expect.stringContaining('unknown directive: modul'),
      })
    }))
})

test('what was laid over is removed, and nothing is written beside the code', () =>
  inScratch(async (scratch) => {
    const directory = await printer(scratch)
    const { forBuild, remove } = await prepare(directory, '.')
    const overlay = dirname(overlayOf(forBuild))
    expect(overlay.startsWith(tmpdir())).toBe(true)
    expect(existsSync(overlay)).toBe(true)
    remove()
    expect(existsSync(overlay)).toBe(false)
    const { stdout } = await run('ls', [directory])
    expect(stdout.split('\n').filter(Boolean)).toEqual(['go.mod', 'main.go'])
  }))
