/**
 * Runs the bundled gate on every service of the corpus and holds its verdicts against the truth.
 *
 *   npm run bench:verdict -- [--repeat N] [--only REGEXP] [--go go1.23.12] [--rate BYTES]
 *                            [--own-rate BYTES] [--env KEY=VALUE]… [--busy] [--keep DIRECTORY]
 *
 * Ends with 1 when a goal is missed (a wrong verdict is the first of them), or when the manifest
 * declares something else than what is measured. `--keep` keeps each run's report.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { formatDuration } from '../src/units/duration.ts'
import { type Result, resultSchema } from '../src/verdict/result.ts'
import { freePort } from '../test/support/free-port.ts'
import { readGoals } from './verdict-bench/goals.ts'
import { type Entry, readManifest } from './verdict-bench/manifest.ts'
import {
  confusionMatrix,
  goalLines,
  otherFigures,
  ROW_HEADER,
  serviceTable,
  trialRow,
} from './verdict-bench/summary.ts'
import { readTrial, type Trial } from './verdict-bench/trial.ts'
import {
  disagreements,
  truthInWindow,
  TruthTables,
  type WindowTruth,
} from './verdict-bench/window-truth.ts'

declare const PROJECT_ROOT: string

/** Runs over which the goals must hold: four times the whole corpus. */
const GOAL_RUNS = 130

const CORPUS = join(PROJECT_ROOT, 'fixtures/services/corpus')

const { values: flags } = parseArgs({
  options: {
    repeat: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    go: { type: 'string', default: '' },
    rate: { type: 'string', default: '4096' },
    'own-rate': { type: 'string', default: '' },
    env: { type: 'string', multiple: true, default: [] },
    busy: { type: 'boolean', default: false },
    keep: { type: 'string', default: '' },
  },
})

const goEnvironment = flags.go === '' ? process.env : { ...process.env, GOTOOLCHAIN: flags.go }
const scratch = mkdtempSync(join(tmpdir(), 'heapgate-corpus-'))

function go(...args: string[]): string {
  return execFileSync('go', args, { cwd: CORPUS, env: goEnvironment, encoding: 'utf8' }).trim()
}

/** One run of the gate on a service. */
async function runGate(
  entry: Entry,
  trial: number,
): Promise<{ result: Result; fromBootMs: number }> {
  const port = (await freePort()).toString()
  const report =
    flags.keep === ''
      ? mkdtempSync(join(scratch, 'report-'))
      : resolve(flags.keep, `${entry.name}-${trial.toString()}`)
  const options = {
    'working-directory': CORPUS,
    run: join(scratch, entry.name),
    env: [
      `PORT=${port}`,
      ...(flags['own-rate'] === '' ? [] : [`CORPUS_MEM_PROFILE_RATE=${flags['own-rate']}`]),
      ...flags.env,
    ].join('\n'),
    url: `http://127.0.0.1:${port}`,
    requests: entry.requests.join('\n'),
    'mem-profile-rate': flags.rate,
    'report-dir': report,
    ...entry.options,
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  const gate = spawn(process.execPath, [join(PROJECT_ROOT, 'dist/cli.js'), 'run', ...args], {
    cwd: PROJECT_ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let bootAt = performance.now()
  createInterface(gate.stderr).on('line', (line) => {
    if (line === 'heapgate: boot') bootAt = performance.now()
  })
  await once(gate, 'close')
  const fromBootMs = performance.now() - bootAt
  const text = readFileSync(join(report, 'result.json'), 'utf8')
  return { result: resultSchema.parse(JSON.parse(text)), fromBootMs }
}

/** What a leak truly kept over the requests of this run, where nothing else moves the total. */
function truthOf(
  entry: Entry,
  { measurement }: Result,
  tables: TruthTables,
): WindowTruth | undefined {
  if (entry.truth !== 'leak' || entry.beside) return undefined
  if (measurement.kind === 'broken') return undefined
  return truthInWindow(entry, tables.after(entry, measurement), measurement)
}

async function main(): Promise<number> {
  const version = go('env', 'GOVERSION')
  const entries = readManifest(CORPUS).filter(({ name }) => new RegExp(flags.only).test(name))
  const rate = flags['own-rate'] === '' ? flags.rate : flags['own-rate']
  console.log(
    `${entries.length.toString()} services, ${version}, one sample every ${rate} B${flags.busy ? ', one core busy' : ''} ${flags.env.join(' ')}`,
  )
  for (const name of ['truth', ...entries.map((entry) => entry.name)]) {
    go('build', '-o', join(scratch, name), `./${name}`)
  }
  const tables = new TruthTables(join(scratch, 'truth'), CORPUS)
  const wrong = new Set<string>()
  const trials: Trial[] = []
  const start = performance.now()
  console.log(ROW_HEADER)
  for (let repeat = 1; repeat <= Number(flags.repeat); repeat++) {
    for (const entry of entries) {
      const busy = flags.busy ? spawn(process.execPath, ['-e', 'for (;;);']) : undefined
      const run = await runGate(entry, repeat).finally(() => busy?.kill('SIGKILL'))
      const kept = truthOf(entry, run.result, tables)
      if (kept !== undefined) disagreements(entry, kept, version).forEach((text) => wrong.add(text))
      const trial = readTrial({ entry, kept, corpus: CORPUS, ...run })
      trials.push(trial)
      console.log(trialRow(trial))
    }
  }
  const goals = readGoals(trials)
  console.log(`\n${serviceTable(trials)}\n\n${confusionMatrix(trials)}\n`)
  console.log([...otherFigures(trials), '', ...goalLines(goals)].join('\n'))
  for (const text of wrong) console.log(`the manifest is wrong: ${text}`)
  console.log(
    `${trials.length.toString()} runs in ${formatDuration(performance.now() - start)}; the goals are for ${GOAL_RUNS.toString()} and more`,
  )
  return wrong.size > 0 || goals.some(({ state }) => state === 'missed') ? 1 : 0
}

try {
  process.exitCode = await main()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
