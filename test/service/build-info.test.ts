import { beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildInfo, buildInfoOf, readBuildInfo } from '../../src/service/build-info.ts'
import { ServiceProcess } from '../../src/service/service-process.ts'
import { buildService, sourceOf } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { inScratch } from '../support/heapgate.ts'

const run = promisify(execFile)

/** An environment in which `go` is Go 1.19, where that is on the machine already. */
const OLD_GO = { ...process.env, GOTOOLCHAIN: 'go1.19.13', GOPROXY: 'off' }
const hasOldGo = await run('go', ['version'], { env: OLD_GO }).then(
  ({ stdout }) => stdout.includes('go1.19.13'),
  () => false,
)

let leaky: string
let goVersion: string

beforeAll(async () => {
  leaky = await buildService('leaky')
  goVersion = (await run('go', ['env', 'GOVERSION'], { cwd: sourceOf('leaky') })).stdout.trim()
})

/** Builds a program of one file in a module of its own; gives the path of the binary. */
async function buildProgram(
  directory: string,
  source: string,
  ...flags: string[]
): Promise<string> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'go.mod'), 'module example.com/shop\n\ngo 1.19\n')
  await writeFile(join(directory, 'main.go'), source)
  const binary = join(directory, 'shop')
  await run('go', ['build', ...flags, '-o', binary, '.'], { cwd: directory })
  return binary
}

describe('the build information of a binary', () => {
  test('tells Go’s version, the main module and the main package', async () => {
    expect(await readBuildInfo(leaky)).toEqual({
      goVersion,
      mainModule: expect.stringMatching(/leaky$/),
      mainPackage: expect.stringMatching(/leaky$/),
    })
  })

  test('is there without symbols and without paths', () =>
    inScratch(async (directory) => {
      const source = 'package main\n\nfunc main() {}\n'
      const binary = await buildProgram(directory, source, '-ldflags=-s -w', '-trimpath')
      expect(await readBuildInfo(binary)).toEqual({
        goVersion,
        mainModule: 'example.com/shop',
        mainPackage: 'example.com/shop',
      })
    }))

  test('is found in a program that itself looks for such information', () =>
    inScratch(async (directory) => {
      const source = [
        'package main',
        'import ("debug/buildinfo"; "fmt"; "os")',
        'func main() { info, err := buildinfo.ReadFile(os.Args[1]); fmt.Println(info, err) }',
      ]
      const binary = await buildProgram(directory, source.join('\n'))
      expect((await readBuildInfo(binary))?.mainModule).toBe('example.com/shop')
    }))

  test('is not what the same bytes elsewhere in a file seem to be', () =>
    inScratch(async (directory) => {
      const file = join(directory, 'file')
      const magic = Buffer.concat([Buffer.from('\xff Go buildinf:', 'latin1'), Buffer.from([8, 2])])
      const info = Buffer.concat([magic, Buffer.alloc(16), Buffer.from('\x06go9.99\x00', 'latin1')])
      const at = async (offset: number, first = Buffer.alloc(0)): Promise<string | undefined> => {
        const padding = Buffer.alloc(offset - first.length)
        await writeFile(file, Buffer.concat([first, padding, info, Buffer.alloc(64)]))
        return (await readBuildInfo(file))?.goVersion
      }
      expect(await at(64)).toBe('go9.99')
      expect(await at(64, magic.subarray(0, 14))).toBe('go9.99')
      expect(await at(65)).toBeUndefined()
      // Across the border between two reads.
      expect(await at(4 * 2 ** 20 - 16)).toBe('go9.99')
      expect(await at(4 * 2 ** 20)).toBe('go9.99')
    }))

  const onlyWithOldGo = hasOldGo ? test : test.skip
  onlyWithOldGo('of Go 1.19 is read too', () =>
    inScratch(async (directory) => {
      const binary = join(directory, 'leaky')
      await run('go', ['build', '-o', binary, '.'], { cwd: sourceOf('leaky'), env: OLD_GO })
      expect(await readBuildInfo(binary)).toMatchObject({ goVersion: 'go1.19.13' })
    }),
  )

  test('is none in other files', () =>
    inScratch(async (directory) => {
      const file = join(directory, 'file')
      expect(await readBuildInfo(process.execPath)).toBeUndefined()
      expect(await readBuildInfo(join(directory, 'missing'))).toBeUndefined()
      await writeFile(file, '')
      expect(await readBuildInfo(file)).toBeUndefined()
      await writeFile(file, '\xff Go buildinf:\x08\x02', 'latin1')
      expect(await readBuildInfo(file)).toBeUndefined()
      const endless = Buffer.concat([Buffer.alloc(32), Buffer.alloc(100, 0xff)])
      endless.write('\xff Go buildinf:\x08\x02', 'latin1')
      await writeFile(file, endless)
      expect(await readBuildInfo(file)).toBeUndefined()
    }))
})

/** The build information of a command once there is some. */
async function infoOfRunning(command: string, cwd: string): Promise<BuildInfo | undefined> {
  const logs = await mkdtemp(join(tmpdir(), 'heapgate-test-'))
  const environment = Object.fromEntries(
    Object.entries(process.env).map(([name, value]) => [name, value ?? '']),
  )
  const logFile = join(logs, 'log')
  const service = await ServiceProcess.start({ command, directory: cwd, environment, logFile })
  try {
    let info = await buildInfoOf(service.group)
    for (let tries = 0; info === undefined && tries < 1500; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      info = await buildInfoOf(service.group)
    }
    return info
  } finally {
    await service.stop(1000)
    await rm(logs, { recursive: true, force: true })
  }
}

describe('the build information of a running service', () => {
  test('is that of its binary, behind any wrapper', async () => {
    const at = `127.0.0.1:${(await freePort()).toString()}`
    const command = `echo starting; '${leaky}' -addr ${at} & wait`
    expect(await infoOfRunning(command, tmpdir())).toMatchObject({ goVersion })
  })

  test('is not that of the go command that runs it', async () => {
    const at = `127.0.0.1:${(await freePort()).toString()}`
    const info = await infoOfRunning(`go run . -addr ${at}`, sourceOf('leaky'))
    expect(info?.mainModule).toMatch(/leaky$/)
  })
})
