/**
 * Runs the bundled gate on every service of the corpus and holds its verdicts against the truth.
 *
 *   npm run bench:verdict -- [--repeat N] [--only WORD] [--go go1.23.12] [--rate BYTES]
 *                            [--own-rate BYTES] [--env KEY=VALUE]… [--busy]
 *
 * Ends with 1 when a verdict is wrong, or a line where the profile was sampled as asked.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { formatDuration } from '../src/units/duration.ts'
import { freePort } from '../test/support/free-port.ts'
import { culprit } from '../src/verdict/culprit.ts'
import { type Result, resultSchema } from '../src/verdict/result.ts'

declare const PROJECT_ROOT: string

const CORPUS = join(PROJECT_ROOT, 'fixtures/services/corpus')

const truthSchema = z.object({
  bytesPerRequest: z.number().nullable(),
  objectsPerRequest: z.number().nullable(),
})
const manifestSchema = z.array(
  truthSchema.extend({
    name: z.string(),
    truth: z.enum(['leak', 'clean']),
    requests: z.array(z.string()),
    expected: z.union([z.string(), z.array(z.string())]),
    options: z.record(z.string(), z.string()).nullish(),
    byGo: z.record(z.string(), truthSchema).optional(),
    line: z.object({ file: z.string(), text: z.string() }).nullish(),
  }),
)
type Entry = z.infer<typeof manifestSchema>[number]

const { values: flags } = parseArgs({
  options: {
    repeat: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    go: { type: 'string', default: '' },
    rate: { type: 'string', default: '4096' },
    'own-rate': { type: 'string', default: '' },
    env: { type: 'string', multiple: true, default: [] },
    busy: { type: 'boolean', default: false },
  },
})

const goEnvironment = flags.go === '' ? process.env : { ...process.env, GOTOOLCHAIN: flags.go }
const scratch = mkdtempSync(join(tmpdir(), 'heapgate-corpus-'))

/** One verdict on one service. */
interface Trial {
  readonly entry: Entry
  readonly result: Result
  readonly right: boolean
  /** Whether the line was named; `undefined` for clean services. */
  readonly lineRight: boolean | undefined
  /** Whether the profile was sampled as asked: without that, small leaks can't be placed. */
  readonly sampled: boolean
  readonly bytesError: number | undefined
  readonly objectsError: number | undefined
  /** From being ready to the verdict, without the wait for a drain. */
  readonly seconds: number
  readonly requestsPerSecond: number
  readonly waited: boolean
}

function goVersion(): string {
  const text = execFileSync('go', ['env', 'GOVERSION'], {
    cwd: CORPUS,
    env: goEnvironment,
    encoding: 'utf8',
  })
  return text.trim()
}

/** The truth for a Go version: a key of `byGo` holds from its version on. */
function truthFor(entry: Entry, version: string): z.infer<typeof truthSchema> {
  const minor = (text: string): number => Number(/1\.(\d+)/.exec(text)?.[1] ?? 0)
  const known = Object.entries(entry.byGo ?? {})
    .filter(([key]) => minor(key) <= minor(version))
    .sort(([a], [b]) => minor(b) - minor(a))
  return known[0]?.[1] ?? entry
}

async function judgeOnce(entry: Entry, version: string): Promise<Trial> {
  const port = (await freePort()).toString()
  const report = mkdtempSync(join(scratch, 'report-'))
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
  spawnSync(process.execPath, [join(PROJECT_ROOT, 'dist/cli.js'), 'run', ...args], {
    cwd: PROJECT_ROOT,
  })
  const result = resultSchema.parse(JSON.parse(readFileSync(join(report, 'result.json'), 'utf8')))
  return readTrial(entry, result, truthFor(entry, version))
}

function readTrial(entry: Entry, result: Result, truth: z.infer<typeof truthSchema>): Trial {
  const { timings, rounds } = result.measurement
  const spent = timings
    .filter(({ stage }) => !['build', 'boot', 'stop', 'cool-down'].includes(stage))
    .reduce((sum, { durationMs }) => sum + durationMs, 0)
  const load = rounds.reduce((sum, round) => sum + round.load.durationMs, 0)
  const answered = rounds.reduce((sum, round) => sum + round.load.answered, 0)
  const off = (measured: number | undefined, wanted: number | null): number | undefined =>
    measured === undefined || wanted === null || wanted === 0 ? undefined : measured / wanted - 1
  const leaks = entry.truth === 'leak'
  return {
    entry,
    result,
    right: [entry.expected].flat().includes(result.verdict),
    lineRight: leaks ? namesLine(entry, result) : undefined,
    sampled: result.measurement.baseline?.period === result.measurement.setup.memProfileRate,
    bytesError: leaks ? off(result.retained?.bytesPerRequest, truth.bytesPerRequest) : undefined,
    objectsError: leaks
      ? off(result.retained?.objectsPerRequest, truth.objectsPerRequest)
      : undefined,
    seconds: spent / 1000,
    requestsPerSecond: load === 0 ? 0 : answered / (load / 1000),
    waited: timings.some(({ stage }) => stage === 'cool-down'),
  }
}

function namesLine({ line }: Entry, result: Result): boolean {
  const top = culprit(result.growth)
  if (!line || top === undefined) return false
  const source = readFileSync(join(CORPUS, line.file), 'utf8').split('\n')
  return (
    (top.path?.endsWith(line.file) ?? false) && source[top.line - 1]?.trim() === line.text.trim()
  )
}

const percent = (share: number | undefined): string =>
  share === undefined ? '' : `${(share * 100).toFixed(1)} %`

function row(trial: Trial): string {
  const { entry, result, right, lineRight, waited } = trial
  return [
    right ? 'ok   ' : 'WRONG',
    entry.name.padEnd(30),
    result.verdict.padEnd(7),
    percent(trial.bytesError).padStart(8),
    percent(trial.objectsError).padStart(8),
    (lineRight === undefined ? '' : lineRight ? 'line' : 'LINE').padStart(5),
    Math.round(trial.requestsPerSecond).toString().padStart(7),
    result.measurement.rounds.length.toString().padStart(3),
    `${trial.seconds.toFixed(1)} s${waited ? ' + wait' : ''}`.padStart(12),
    right ? '' : result.reason,
  ].join(' ')
}

function summary(trials: readonly Trial[]): void {
  const count = (truth: string, verdicts: readonly string[]): number =>
    trials.filter(({ entry, result }) => entry.truth === truth && verdicts.includes(result.verdict))
      .length
  console.log('\n        fail  warn  pass  invalid')
  for (const truth of ['leak', 'clean']) {
    const cells = ['fail', 'warn', 'pass', 'invalid'].map((verdict) =>
      count(truth, [verdict]).toString().padStart(5),
    )
    console.log(`${truth.padEnd(6)} ${cells.join(' ')}`)
  }
  const wrong = trials.filter(({ right }) => !right)
  const lines = trials.filter(({ lineRight }) => lineRight !== undefined)
  const worst = (of: (trial: Trial) => number | undefined, among: readonly Trial[]): number =>
    Math.max(0, ...among.map((trial) => Math.abs(of(trial) ?? 0)))
  const large = trials.filter(({ entry }) => (entry.bytesPerRequest ?? 0) >= 64)
  const many = trials.filter(({ entry }) => (entry.objectsPerRequest ?? 0) >= 0.5)
  const objectsOff = ({ entry, objectsError = 0 }: Trial): number =>
    objectsError * (entry.objectsPerRequest ?? 0)
  const found = trials
    .filter(({ entry, result }) => entry.truth === 'leak' && result.verdict === 'fail')
    .map(({ entry }) => entry.bytesPerRequest ?? Infinity)
  const fast = trials.filter(({ requestsPerSecond }) => requestsPerSecond >= 3000)
  const slowest = (among: readonly Trial[]): string =>
    `${Math.max(0, ...among.map(({ seconds }) => seconds)).toFixed(1)} s`
  console.log(
    [
      '',
      `wrong verdicts: ${wrong.length.toString()} of ${trials.length.toString()}`,
      `right lines: ${lines.filter(({ lineRight }) => lineRight === true).length.toString()} of ${lines.length.toString()} leaks`,
      `bytes per request, worst error from 64 B on: ${percent(worst(({ bytesError }) => bytesError, large))}`,
      `objects per request, worst error from 0.5 on: ${percent(worst(({ objectsError }) => objectsError, many))}; of all leaks: ${worst(objectsOff, trials).toFixed(3)} objects`,
      `smallest leak found: ${Math.min(...found).toString()} B per request`,
      `slowest verdict at 3,000 requests a second and more: clean ${slowest(fast.filter(({ entry }) => entry.truth === 'clean'))}, leak ${slowest(fast.filter(({ entry }) => entry.truth === 'leak'))} (without the wait for a drain)`,
    ].join('\n'),
  )
}

async function main(): Promise<number> {
  const version = goVersion()
  const manifest = manifestSchema
    .parse(JSON.parse(readFileSync(join(CORPUS, 'manifest.json'), 'utf8')))
    .filter(({ name }) => name.includes(flags.only))
  console.log(
    `${manifest.length.toString()} services, ${version}, one sample every ${flags['own-rate'] === '' ? flags.rate : flags['own-rate']} B${flags.busy ? ', one core busy' : ''} ${flags.env.join(' ')}`,
  )
  for (const { name } of manifest) {
    execFileSync('go', ['build', '-o', join(scratch, name), `./${name}`], {
      cwd: CORPUS,
      env: goEnvironment,
    })
  }
  const busy = flags.busy ? spawn(process.execPath, ['-e', 'for (;;);']) : undefined
  const start = performance.now()
  const trials: Trial[] = []
  try {
    for (let round = 0; round < Number(flags.repeat); round++) {
      for (const entry of manifest) {
        const trial = await judgeOnce(entry, version)
        trials.push(trial)
        console.log(row(trial))
      }
    }
  } finally {
    busy?.kill('SIGKILL')
  }
  summary(trials)
  console.log(`in ${formatDuration(performance.now() - start)}`)
  return trials.every(({ right, lineRight, sampled }) => right && (lineRight !== false || !sampled))
    ? 0
    : 1
}

try {
  process.exitCode = await main()
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
