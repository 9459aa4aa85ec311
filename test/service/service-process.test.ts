import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listProcesses, processesWith, treeOf } from '../../src/service/process-tree.ts'
import { describeExit, ServiceProcess } from '../../src/service/service-process.ts'
import { leftovers } from '../support/heapgate.ts'

let scratch: string
let started: ServiceProcess[]

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heapgate-service-'))
  started = []
})

afterEach(async () => {
  for (const service of started) await service.stop(0)
  // What a test started says so in its environment, wherever it went.
  const left = processesWith(`SCRATCH=${scratch}`)
  await rm(scratch, { recursive: true, force: true })
  expect(left).toEqual([])
})

const logFile = (): string => join(scratch, 'service.log')

async function start(command: string): Promise<ServiceProcess> {
  const environment = { PATH: process.env['PATH'] ?? '', SCRATCH: scratch }
  const service = await ServiceProcess.start({
    command,
    directory: scratch,
    environment,
    logFile: logFile(),
  })
  started.push(service)
  return service
}

/** Waits until the service has printed a word. */
async function printed(service: ServiceProcess, word: string): Promise<void> {
  for (let tries = 0; !service.log.lastLines().includes(word); tries++) {
    if (tries > 500) throw new Error(`${word} was never printed`)
    await sleep(10)
  }
}

describe('the command of a service', () => {
  test('is run by a shell: quotes, variables, pipes and lists work', async () => {
    const service = await start(`A="x  y"; echo "$A" 'it''s' | tr x z && echo $((1 + 1))`)
    expect(await service.exited).toEqual({ kind: 'status', status: 0 })
    expect(service.log.lastLines()).toBe('z  y its\n2')
    expect(service.exit).toEqual({ kind: 'status', status: 0 })
  })

  test.each(['false\necho built', '(exit 1) | tee copy', 'cd missing; echo built'])(
    'fails where the first part of it does: %j',
    async (command) => {
      expect(await (await start(command)).exited).toEqual({ kind: 'status', status: 1 })
    },
  )

  test('is told by its status or by the signal that killed it', async () => {
    const status = await (await start('exit 7')).exited
    const signal = await (await start('kill -ABRT $$')).exited
    expect([describeExit(status), describeExit(signal)]).toEqual([
      'exited with status 7',
      'was killed by SIGABRT',
    ])
  })

  test('has said all that it said when it has ended', async () => {
    const service = await start('seq 400000; echo the last words >&2; exit 1')
    await service.exited
    expect(service.log.lastLines(2)).toBe('400000\nthe last words')
  })

  test('has a directory for what the go command builds, which is gone with it', async () => {
    const service = await start('echo "$GOTMPDIR"; touch "$GOTMPDIR/go-build"; sleep 60')
    await printed(service, 'heapgate-')
    const directory = service.log.lastLines(1)
    expect((await stat(directory)).isDirectory()).toBe(true)
    await service.stop(0)
    await expect(stat(directory)).rejects.toThrow('ENOENT')
  })

  test('is told as ended even when a child of it holds its output open', async () => {
    const service = await start('sleep 60 & echo gone')
    expect(await service.exited).toEqual({ kind: 'status', status: 0 })
  })

  test('fails to start in a directory that is not there', async () => {
    const plan = { command: 'true', environment: {}, logFile: logFile() }
    await expect(
      ServiceProcess.start({ ...plan, directory: join(scratch, 'missing') }),
    ).rejects.toThrow('ENOENT')
  })
})

describe('stop', () => {
  test('lets a service end by itself after SIGTERM', async () => {
    const service = await start(
      `trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done`,
    )
    await printed(service, 'up')
    await service.stop(10_000)
    expect(service.exit).toEqual({ kind: 'status', status: 0 })
    expect(await readFile(logFile(), 'utf8')).toMatch(/^up\n[^]*bye\n$/)
  })

  test('kills a service that ignores SIGTERM, when its time is over', async () => {
    const service = await start(`trap '' TERM; echo up; while :; do sleep 0.05; done`)
    await printed(service, 'up')
    const begin = performance.now()
    await service.stop(300)
    expect(performance.now() - begin).toBeGreaterThan(290)
    expect(service.exit).toEqual({ kind: 'signal', signal: 'SIGKILL' })
  })

  test('ends children, and children of children, that ignore SIGTERM', async () => {
    const stubborn = `trap '' TERM; sleep 60 & sleep 60`
    const service = await start(`(${stubborn}) & (${stubborn}) & echo up; wait`)
    await printed(service, 'up')
    expect(treeOf(service.group, await listProcesses()).length).toBeGreaterThan(3)
    await service.stop(100)
    expect(treeOf(service.group, await listProcesses())).toEqual([])
  })

  test('ends a child that left for a session of its own', async () => {
    const service = await start('setsid sleep 60 & echo up; wait')
    await printed(service, 'up')
    await service.stop(1000)
  })

  test('ends a daemon that left the group and its parent', async () => {
    const daemon = `setsid sh -c "trap '' TERM; sleep 60 & echo up"`
    const service = await start(`${daemon} & sleep 60`)
    await printed(service, 'up')
    await service.stop(200)
    const orphaned = await start(`(${daemon} &); sleep 0.2`)
    await orphaned.exited
    expect(processesWith(`SCRATCH=${scratch}`)).toHaveLength(1)
    await orphaned.stop(200)
  })

  test('ends a daemon that left even its environment, by the output that it holds', async () => {
    const word = `60.${process.hrtime.bigint().toString()}`
    const service = await start(`(setsid env -i sleep ${word} &); sleep 0.2`)
    await service.exited
    expect(await leftovers(`sleep ${word}`, 0)).toHaveLength(1)
    await service.stop(1000)
    expect(await leftovers(`sleep ${word}`, 0)).toEqual([])
  })

  test('is done at once with a service that has ended, and may be called again', async () => {
    const service = await start('echo x')
    await service.exited
    const begin = performance.now()
    await service.stop(30_000)
    await service.stop(30_000)
    expect(performance.now() - begin).toBeLessThan(10_000)
  })
})

describe('the log of a service', () => {
  test('of 100 MB keeps its head and its tail within bounds', async () => {
    const service = await start('echo first; (yes 0123456789 || :) | head -c 110000000; echo last')
    await service.exited
    await service.stop(0)
    const { size } = await stat(logFile())
    expect(size).toBeGreaterThan(5 * 2 ** 20)
    expect(size).toBeLessThan(6 * 2 ** 20)
    const text = await readFile(logFile(), 'utf8')
    expect(text.startsWith('first\n0123456789\n')).toBe(true)
    expect(text.slice(-40)).toMatch(/\n0123456789\nlast\n$/)
    const lost = /^… (\d+) bytes left out by heapgate …$/m.exec(text)
    expect(size - Buffer.byteLength(`\n${lost?.[0] ?? ''}\n`) + Number(lost?.[1])).toBe(110_000_011)
  })

  test('that is short is kept as it is', async () => {
    const service = await start(`printf 'a\\nb'; head -c 5000000 /dev/zero`)
    await service.exited
    await service.stop(0)
    const bytes = await readFile(logFile())
    expect(bytes.equals(Buffer.concat([Buffer.from('a\nb'), Buffer.alloc(5_000_000)]))).toBe(true)
  })

  test('costs no verdict when it can’t be written', async () => {
    const service = await ServiceProcess.start({
      command: 'echo words',
      directory: scratch,
      environment: {},
      logFile: join(scratch, 'missing/service.log'),
    })
    await service.exited
    await service.stop(0)
    expect(service.log.lastLines()).toBe('words')
  })

  test('shows its last lines, long ones cut', async () => {
    const service = await start(`seq 100; printf 'x%.0s' $(seq 1000); printf '\\r\\nend\\n\\n'`)
    await service.exited
    expect(service.log.lastLines(3)).toBe(`100\n${'x'.repeat(400)}…\nend`)
    expect(service.log.lastLines().split('\n')).toHaveLength(30)
  })
})
