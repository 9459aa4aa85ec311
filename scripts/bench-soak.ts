/**
 * Soaks the bundled gate: ten minutes and 500,000 requests against a service that keeps a little
 * for ever, so that every round is taken. Samples the gate's own resident memory each second and
 * fails when it grows: at the end more than 1.2 × that after the first minute.
 *
 *   npm run bench:soak -- [--minutes N] [--requests N]
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { markdownTable } from 'markdown-table'
import { readResult } from '../src/result-file.ts'
import { listProcesses } from '../src/service/process-tree.ts'
import { formatBytes } from '../src/units/bytes.ts'
import { formatCount } from '../src/units/count.ts'
import { formatDuration } from '../src/units/duration.ts'
import { freePort } from '../test/support/free-port.ts'

declare const PROJECT_ROOT: string

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    requests: { type: 'string', default: '500000' },
  },
})
const DURATION_MS = Number(flags.minutes) * 60_000
const REQUESTS = Number(flags.requests)
const ROUNDS = 10
const CONNECTIONS = 10
/** One request in so many keeps memory: a leak takes every round, and one after the cool-down. */
const KEEPING = 50
const KEPT_PER_ROUND = 2 ** 20
const LIMIT_RATIO = 1.2
const SAMPLE_EVERY_MS = 1000
/** Collections of our own heap come and go: a figure is the median of the samples of this time. */
const WINDOW_MS = 10_000

interface Sample {
  readonly atMs: number
  readonly residentBytes: number
}

const scratch = mkdtempSync(join(tmpdir(), 'heapgate-soak-'))
try {
  const binary = join(scratch, 'lab')
  execFileSync('go', ['build', '-o', binary, '.'], {
    cwd: join(PROJECT_ROOT, 'fixtures/services/lab'),
  })
  tell(await soak(binary), await requestsAnswered())
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Runs the gate to its end; gives what it took of memory, second by second. */
async function soak(binary: string): Promise<readonly Sample[]> {
  const address = `127.0.0.1:${(await freePort()).toString()}`
  const pauseMs = Math.floor((DURATION_MS * CONNECTIONS) / REQUESTS)
  const slow = `GET /slow?ms=${pauseMs.toString()}`
  const perRound = Math.ceil(REQUESTS / ROUNDS)
  const keep = `GET /keep?bytes=${Math.ceil((KEPT_PER_ROUND * KEEPING) / perRound).toString()}`
  const requests = [...Array<string>(KEEPING - 1).fill(slow), keep]
  const options = {
    run: `'${binary}' -addr ${address}`,
    url: `http://${address}`,
    requests: requests.join('\n'),
    connections: CONNECTIONS.toString(),
    'round-requests': perRound.toString(),
    'warmup-requests': '1000',
    // The round after the cool-down is the tenth.
    rounds: (ROUNDS - 1).toString(),
    'max-rounds': ROUNDS.toString(),
    'cool-down': '1s',
    'report-dir': join(scratch, 'report'),
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  const gate = spawn(process.execPath, [join(PROJECT_ROOT, 'dist/cli.js'), 'run', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const samples: Sample[] = []
  const start = performance.now()
  const look = async (): Promise<void> => {
    const own = (await listProcesses()).find(({ pid }) => pid === gate.pid)
    if (own === undefined) return
    samples.push({ atMs: performance.now() - start, residentBytes: own.residentBytes })
  }
  const timer = setInterval(() => void look(), SAMPLE_EVERY_MS)
  const status = await new Promise<number | null>((resolve) => gate.once('close', resolve))
  clearInterval(timer)
  if (status !== 1) throw new Error(`a service that keeps memory must fail, not ${String(status)}`)
  return samples
}

async function requestsAnswered(): Promise<number> {
  const { measurement } = await readResult(join(scratch, 'report/result.json'))
  const measured = 'rounds' in measurement ? measurement.rounds : []
  return measured.reduce((sum, { load }) => sum + load.answered, 0)
}

function tell(samples: readonly Sample[], answered: number): void {
  const durationMs = samples.at(-1)?.atMs ?? 0
  const firstMs = Math.min(60_000, durationMs / 4)
  const early = medianBetween(samples, firstMs, firstMs + WINDOW_MS)
  const late = medianBetween(samples, durationMs - WINDOW_MS, durationMs)
  const peak = Math.max(...samples.map(({ residentBytes }) => residentBytes))
  const ratio = late / early
  console.log(
    `The gate against a service for ${inSeconds(durationMs)}, ${formatCount(answered)} requests answered in the rounds\n`,
  )
  const course = [2, 4, 6, 8]
    .map((tenths) => firstMs + (tenths / 10) * (durationMs - firstMs))
    .map((atMs) => [
      `after ${inSeconds(atMs)}`,
      formatBytes(medianBetween(samples, atMs, atMs + WINDOW_MS)),
    ])
  const rows = [
    [`after ${inSeconds(firstMs)}`, formatBytes(early)],
    ...course,
    ['at the end', formatBytes(late)],
    ['peak', formatBytes(peak)],
    ['end ÷ beginning', ratio.toFixed(2)],
  ]
  console.log(markdownTable([['resident memory of the gate', ''], ...rows], { align: ['l', 'r'] }))
  if (ratio <= LIMIT_RATIO) return
  console.error(
    `bench: the gate's memory at the end is over ${LIMIT_RATIO.toString()} × that before`,
  )
  process.exitCode = 1
}

function inSeconds(ms: number): string {
  return formatDuration(Math.round(ms / 1000) * 1000)
}

function medianBetween(samples: readonly Sample[], fromMs: number, toMs: number): number {
  const within = samples
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .map(({ residentBytes }) => residentBytes)
    .sort((a, b) => a - b)
  return within[Math.floor(within.length / 2)] ?? NaN
}
