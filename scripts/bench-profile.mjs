/**
 * Measures whole processes side by side: `heapgate diff` against `go tool pprof` and against the bare
 * pprof binary, on pairs of generated profiles. Runs alternate, so that a slow moment of the machine
 * meets all of them; the shortest time counts. Prints the tables that the docs quote.
 *
 *     npm run bench:profile [-- --quick]
 *
 * `--quick` takes smaller pairs, to see that the benchmark itself works.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compressed, generatePair } from './generate-profile.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const cli = process.env.HEAPGATE_CLI ?? join(root, 'dist/cli.js')
const quick = process.argv.includes('--quick')
const GNU_TIME = '/usr/bin/time'
const hasGnuTime = existsSync(GNU_TIME)
const work = mkdtempSync(join(tmpdir(), 'bench-profile-'))

const pprof = execFileSync('go', ['tool', '-n', 'pprof'], { encoding: 'utf8' }).trim()
const goVersion = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim()

/** A process that takes longer is ended; its time is then a lower bound. */
const PATIENCE_MS = 180_000
/** Exit status of `timeout` when it ended the process. */
const TIMED_OUT = 124

/** Milliseconds and KiB of one process, as GNU time tells; elsewhere memory is not measured. */
function measure(command, args) {
  const wrapped = hasGnuTime
    ? [GNU_TIME, '-f', '%M', 'timeout', `${PATIENCE_MS / 1000}`, command, ...args]
    : [command, ...args]
  const start = performance.now()
  const { status, stderr } = spawnSync(wrapped[0], wrapped.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  const ms = performance.now() - start
  if (status === TIMED_OUT) return { ms: PATIENCE_MS, kib: Number.NaN }
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return { ms, kib: hasGnuTime ? Number(stderr.trim().split('\n').at(-1)) : Number.NaN }
}

/** The shortest time and the largest memory of each contender over alternating runs. */
function race(contenders, runs) {
  const best = contenders.map(() => ({ ms: Infinity, kib: 0 }))
  for (let run = 0; run < runs; run++) {
    for (const [index, { command, args }] of contenders.entries()) {
      const { ms, kib } = measure(command, args)
      best[index] = { ms: Math.min(best[index].ms, ms), kib: Math.max(best[index].kib, kib) }
    }
  }
  return best
}

function print(title, rows) {
  const cells = [['', 'wall', 'peak memory', 'wall ÷ go tool pprof', 'memory ÷ pprof'], ...rows]
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  console.log(`\n${title}`)
  for (const row of cells) {
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd())
  }
}

const wall = (ms) => (ms >= PATIENCE_MS ? `over ${PATIENCE_MS / 1000} s` : `${ms.toFixed(0)} ms`)
const mib = (kib) => (Number.isNaN(kib) ? 'not measured' : `${(kib / 1024).toFixed(0)} MiB`)
const ratio = (ours, theirs) => (Number.isNaN(ours / theirs) ? '' : (ours / theirs).toFixed(2))

function comparePair(title, samples, runs) {
  const pair = generatePair(samples)
  const files = pair.map((bytes, index) => {
    const file = join(work, `${samples}-${index}.pb.gz`)
    writeFileSync(file, compressed(bytes))
    return file
  })
  const [base, current] = files
  const flags = [
    '-top',
    '-nodefraction=0',
    '-unit=B',
    '-symbolize=local',
    `-diff_base=${base}`,
    current,
  ]
  const contenders = [
    { name: 'heapgate diff', command: process.execPath, args: [cli, 'diff', base, current] },
    { name: 'go tool pprof', command: 'go', args: ['tool', 'pprof', ...flags] },
    { name: 'pprof, bare', command: pprof, args: flags },
  ]
  const results = race(contenders, runs)
  // The go command hands over to pprof, whose memory is what counts.
  const [, tool, bare] = results
  const inflated = pair.map((bytes) => `${(bytes.length / 1e6).toFixed(1)} MB`).join(' and ')
  const onDisk = files.map((file) => `${(statSync(file).size / 1e6).toFixed(1)} MB`).join(' and ')
  print(
    `${title}: ${samples} samples, ${inflated}, ${onDisk} compressed; best of ${runs}`,
    results.map(({ ms, kib }, index) => [
      contenders[index].name,
      wall(ms),
      mib(kib),
      ratio(ms, tool.ms),
      ratio(kib, bare.kib),
    ]),
  )
  for (const file of files) rmSync(file)
  return { samples, ours: results[0], tool, bare }
}

console.log(
  `heapgate (Node ${process.version}) and pprof of ${goVersion}, ${process.platform}/${process.arch}`,
)
try {
  comparePair('(a) typical pair', 1000, quick ? 3 : 15)
  comparePair('(b) large pair', quick ? 20_000 : 250_000, 2)
  const sizes = quick ? [10_000] : [10_000, 100_000, 1_000_000]
  for (const size of sizes) comparePair('growth', size, 1)

  const small = join(work, 'small.pb.gz')
  writeFileSync(small, compressed(generatePair(300)[0]))
  const empty = join(work, 'empty.mjs')
  writeFileSync(empty, '')
  const [bareNode, top] = race(
    [
      { command: process.execPath, args: [empty] },
      { command: process.execPath, args: [cli, 'top', small] },
    ],
    quick ? 5 : 15,
  )
  console.log(
    `\nstart: Node alone ${bareNode.ms.toFixed(0)} ms, heapgate top on 300 samples ${top.ms.toFixed(0)} ms, ` +
      `ratio ${ratio(top.ms, bareNode.ms)}`,
  )
} finally {
  rmSync(work, { recursive: true })
}
