/**
 * Shows where the gate's time goes: the bundled gate on the leaky service at 200 requests a round,
 * several times. Fails when settling, snapshots and analysis take too much of a round.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { markdownTable } from 'markdown-table'
import { renderMarkdown } from '../src/report/markdown.ts'
import { renderTerminal } from '../src/report/terminal.ts'
import { readResult } from '../src/result-file.ts'
import { freePort } from '../test/support/free-port.ts'

declare const PROJECT_ROOT: string

const RUNS = 5
const ROUNDS = 3
const REQUESTS = 200
/** What the gate itself may cost in a round. */
const LIMIT_MS = 500
const ROWS = ['boot', 'load', 'settling', 'snapshots', 'analysis', 'stop', 'report'] as const
const LIMITED: readonly string[] = ['settling', 'snapshots', 'analysis']

/** Milliseconds by row of the table. */
type Times = Readonly<Record<string, number>>

const scratch = mkdtempSync(join(tmpdir(), 'heapgate-bench-'))
try {
  const binary = join(scratch, 'leaky')
  execFileSync('go', ['build', '-o', binary, '.'], {
    cwd: join(PROJECT_ROOT, 'fixtures/services/leaky'),
  })
  const runs: Times[] = []
  for (let run = 0; run < RUNS; run++) runs.push(await timesOfRun(binary))
  tell(runs)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Runs the gate once; `report` is judging, and rendering what it found for terminal and comment. */
async function timesOfRun(binary: string): Promise<Times> {
  const address = `127.0.0.1:${(await freePort()).toString()}`
  const report = join(scratch, 'report')
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(PROJECT_ROOT, 'dist/cli.js'),
      'run',
      ...['--run', `'${binary}' -addr ${address}`, '--url', `http://${address}`],
      ...['--requests', 'GET /leaky-endpoint', '--round-requests', REQUESTS.toString()],
      ...['--rounds', ROUNDS.toString(), '--report-dir', report],
    ],
    { encoding: 'utf8' },
  )
  if (status !== 1) throw new Error(`the leaky service must fail, not ${String(status)}: ${stderr}`)
  const result = await readResult(join(report, 'result.json'))
  const start = performance.now()
  renderTerminal(result)
  renderMarkdown(result, Infinity)
  const rendering = performance.now() - start
  const { timings } = result.measurement
  const times = Object.fromEntries(timings.map(({ stage, durationMs }) => [stage, durationMs]))
  return { ...times, report: (times['judging'] ?? 0) + rendering }
}

function tell(runs: readonly Times[]): void {
  const medians = ROWS.map((row) => {
    const times = runs.map((times) => times[row] ?? 0).sort((a, b) => a - b)
    return [row, times[Math.floor(times.length / 2)] ?? 0] as const
  })
  const limited = medians
    .filter(([row]) => LIMITED.includes(row))
    .reduce((sum, [, ms]) => sum + ms, 0)
  const cells = (name: string, ms: number): string[] => [name, rounded(ms), rounded(ms / ROUNDS)]
  const rows = [...medians.map(([row, ms]) => cells(row, ms)), cells(LIMITED.join(' + '), limited)]
  const header = ['median of the runs', 'in all, ms', 'per round, ms']
  const about = `${RUNS} runs of ${ROUNDS} rounds with ${REQUESTS} requests each`
  console.log(`The gate on the leaky service: ${about}\n`)
  console.log(markdownTable([header, ...rows], { align: ['l', 'r', 'r'] }))
  if (limited / ROUNDS < LIMIT_MS) return
  console.error(`bench: ${LIMITED.join(', ')} take ${LIMIT_MS} ms a round or more`)
  process.exitCode = 1
}

function rounded(ms: number): string {
  return ms.toFixed(ms < 10 ? 1 : 0)
}
