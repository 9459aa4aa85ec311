import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isListening } from '../../src/service/listening.ts'
import { processesWith } from '../../src/service/process-tree.ts'
import type { Result } from '../../src/verdict/result.ts'
import { buildService, PROJECT } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { type Finished, resultIn, runNode } from '../support/heapgate.ts'
import { memoryCgroup } from '../support/memory-cgroup.ts'
import { type Fault, FAULT_MATRIX, type Place } from './fault-matrix.ts'

/** Rows wait much and compute little, so several run at the same time. */
const AT_THE_SAME_TIME = 4
const CGROUP_BYTES = 64 * 2 ** 20
/** A runner that cancels a workflow gives no more. */
const CANCELLED_WITHIN_MS = 10_000
const MAX_LOG_BYTES = 6 * 2 ** 20
const MATRIX_TIMEOUT_MS = 240_000
/** A row that hangs takes no other with it. */
const ROW_TIMEOUT_MS = 90_000

/** What a run came to, and what it left. */
interface Outcome extends Finished {
  readonly result: Result
  /** From the signal that cancelled the run to its end. */
  readonly endedAfterMs: number
  readonly logBytes: number
  readonly left: Leftovers
}

interface Leftovers {
  readonly processes: readonly number[]
  readonly listening: readonly string[]
  readonly temporaryFiles: readonly string[]
  /** As `git status` tells them, without the report directory. */
  readonly changedFiles: readonly string[]
}

const NOTHING: Leftovers = { processes: [], listening: [], temporaryFiles: [], changedFiles: [] }

const cgroup = memoryCgroup(CGROUP_BYTES)
const isPossible = ({ needs }: Fault): boolean => needs !== 'cgroup' || cgroup !== undefined
const outcomes = new Map<Fault, PromiseSettledResult<Outcome>>()
const scratch = mkdtempSync(join(tmpdir(), 'heapgate-faults-'))

beforeAll(async () => {
  const service = await buildService('faults')
  const template = makeRepository()
  const queue = FAULT_MATRIX.flatMap(({ faults }) => faults).filter(isPossible)
  const runSome = async (): Promise<void> => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      const [outcome] = await Promise.allSettled([provoke(fault, service, template)])
      outcomes.set(fault, outcome)
    }
  }
  await Promise.all(Array.from({ length: AT_THE_SAME_TIME }, runSome))
}, MATRIX_TIMEOUT_MS)

afterAll(() => {
  cgroup?.remove()
  rmSync(scratch, { recursive: true, force: true })
})

describe.each(FAULT_MATRIX)('$title:', ({ faults }) => {
  for (const fault of faults) {
    const run = isPossible(fault) ? test : test.skip
    run(`${fault.happens}: ${fault.verdict}, and nothing is left`, () => {
      const { status, stdout, stderr, result, endedAfterMs, logBytes, left } = outcomeOf(fault)
      const failure = result.measurement.kind === 'broken' ? result.measurement.failure : undefined
      expect({ status, verdict: result.verdict, code: failure?.code, stderr }).toEqual({
        status: fault.status,
        verdict: fault.verdict,
        code: fault.code,
        stderr: expect.not.stringContaining('    at '),
      })
      expect(stdout).toMatch(patternOf(fault.says))
      for (const text of fault.also ?? []) expect(stdout).toContain(text)
      expect(left).toEqual(NOTHING)
      expect(logBytes).toBeLessThan(MAX_LOG_BYTES)
      if (fault.cancelledIn !== undefined) expect(endedAfterMs).toBeLessThan(CANCELLED_WITHIN_MS)
    })
  }
})

test('the matrix holds every kind of failure that a result can tell', () => {
  const codes = FAULT_MATRIX.flatMap(({ faults }) => faults).map(({ code }) => code)
  expect(codes).toEqual(
    expect.arrayContaining([
      ...['build-failed', 'port-in-use', 'exited', 'not-ready', 'no-pprof', 'bad-profile'],
      ...['out-of-memory', 'cancelled'],
    ]),
  )
})

function outcomeOf(fault: Fault): Outcome {
  const settled = outcomes.get(fault)
  if (settled?.status === 'fulfilled') return settled.value
  throw settled?.reason ?? new Error('the row was not run')
}

/** The text, where `…` may be anything in its line. */
function patternOf(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
  return new RegExp(parts.join('.*'))
}

/** Runs the bundled command in a repository of its own, and looks what is left. */
async function provoke(fault: Fault, service: string, template: string): Promise<Outcome> {
  const directory = join(scratch, randomUUID())
  const repository = join(directory, 'repository')
  const temporary = join(directory, 'tmp')
  cpSync(template, repository, { recursive: true })
  mkdirSync(temporary)
  const [address, otherAddress] = [await freeAddress(), await freeAddress()]
  const place: Place = { service, address, otherAddress, enterCgroup: cgroup?.enter ?? '' }

  const holder = fault.needs === 'taken-port' ? await hold(address) : undefined
  const { endedAfterMs, ...finished } = await run(fault, argumentsOf(fault, place), {
    cwd: repository,
    env: { ...process.env, TMPDIR: temporary },
  })
  if (holder !== undefined) {
    const isHeld = await isListening(`http://${address}`)
    holder.close()
    if (!isHeld) throw new Error('who held the port has lost it')
  }
  const report = join(repository, 'heapgate-report')
  return {
    ...finished,
    endedAfterMs,
    result: await resultIn(report),
    logBytes: statSync(join(report, 'service.log'), { throwIfNoEntry: false })?.size ?? 0,
    left: {
      processes: processesWith(`TMPDIR=${temporary}`),
      listening: await listeningAt([address, otherAddress]),
      temporaryFiles: readdirSync(temporary),
      changedFiles: git(repository, 'status', '--porcelain')
        .split('\n')
        .filter((line) => line !== '' && line !== '?? heapgate-report/'),
    },
  }
}

/** The arguments of a short run; those of the fault win. */
function argumentsOf(fault: Fault, place: Place): readonly string[] {
  const options = {
    url: `http://${place.address}`,
    requests: 'GET /work',
    'round-requests': '20',
    rounds: '3',
    'cool-down': '50ms',
    'ready-timeout': '20s',
    'stop-timeout': '5s',
    ...fault.options(place),
  }
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
}

/** Runs the gate to its end, and cancels it in the stage that the fault names. */
async function run(
  { cancelledIn }: Fault,
  args: readonly string[],
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Finished & { readonly endedAfterMs: number }> {
  let cancelledAt: number | undefined
  const cancel = (pid: number): void => {
    cancelledAt = performance.now()
    process.kill(pid, 'SIGTERM')
  }
  const finished = await runNode([join(PROJECT, 'dist/cli.js'), 'run', ...args], {
    ...where,
    signal: AbortSignal.timeout(ROW_TIMEOUT_MS),
    onStderr: (text, pid) => {
      if (cancelledAt !== undefined || !text.includes(`heapgate: ${cancelledIn ?? ''}\n`)) return
      // The analysis of so short a run is over at once.
      if (cancelledIn === 'analysis') cancel(pid)
      else setTimeout(cancel, 200, pid)
      cancelledAt = Infinity
    },
  })
  return { ...finished, endedAfterMs: performance.now() - (cancelledAt ?? 0) }
}

/** A repository with a service that does not compile, and a file that can't be executed. */
function makeRepository(): string {
  const repository = join(scratch, 'template')
  mkdirSync(join(repository, 'broken'), { recursive: true })
  writeFileSync(join(repository, 'notes.txt'), 'not a program\n')
  writeFileSync(join(repository, 'go.mod'), 'module example.com/shop\n\ngo 1.19\n')
  writeFileSync(
    join(repository, 'broken/main.go'),
    'package main\n\nfunc main() { notDeclared() }\n',
  )
  git(repository, 'init', '--quiet')
  git(repository, 'add', '.')
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
  git(repository, ...author, 'commit', '--quiet', '-m', 'The shop')
  return repository
}

const git = (repository: string, ...args: readonly string[]): string =>
  execFileSync('git', args, { cwd: repository, encoding: 'utf8' })

const freeAddress = async (): Promise<string> => `127.0.0.1:${(await freePort()).toString()}`

async function hold(address: string): Promise<{ readonly close: () => void }> {
  const server = createServer().listen(Number(address.split(':')[1]), '127.0.0.1')
  await once(server, 'listening')
  return { close: () => server.close() }
}

async function listeningAt(addresses: readonly string[]): Promise<readonly string[]> {
  const held = await Promise.all(addresses.map((address) => isListening(`http://${address}`)))
  return addresses.filter((_, index) => held[index] === true)
}
