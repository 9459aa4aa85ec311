/**
 * Measures whole processes side by side: `heapgate diff` against `go tool pprof` and against the bare
 * pprof binary, on pairs of generated profiles. Runs alternate, so that a slow moment of the machine
 * meets all of them; the shortest time counts, and the largest memory. Prints the tables that the
 * docs quote.
 *
 *     npm run bench:profile [-- --quick]
 *
 * `--quick` takes smaller pairs, to see that the benchmark itself works.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compressed, generatePair } from './generate-profile.mjs'
import { measureProcess } from './measure-process.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const cli = process.env.HEAPGATE_CLI ?? join(root, 'dist/cli.js')
const quick = process.argv.includes('--quick')
const work = mkdtempSync(join(tmpdir(), 'bench-profile-'))
const empty = join(work, 'empty.mjs')

const pprof = execFileSync('go', ['tool', '-n', 'pprof'], { encoding: 'utf8' }).trim()
const goVersion = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim()

/** A process that takes longer is ended; its time and memory are then lower bounds. */
const PATIENCE_MS = 100_000

/** The shortest time and the largest memory of each contender over alternating runs. */
async function race(contenders, runs) {
  const best = contenders.map(() => ({
    ms: Infinity,
    cpuMs: Infinity,
    largestKib: 0,
    allKib: 0,
    cut: false,
  }))
  for (let run = 0; run < runs; run++) {
    for (const [index, { command, args }] of contenders.entries()) {
      const sofar = best[index]
      if (sofar.cut) continue
      const measured = await measureProcess(command, args, PATIENCE_MS)
      best[index] = {
        ms: Math.min(sofar.ms, measured.ms),
        cpuMs: Math.min(sofar.cpuMs, measured.cpuMs),
        largestKib: Math.max(sofar.largestKib, measured.largestKib),
        allKib: Math.max(sofar.allKib, measured.allKib),
        cut: measured.cut,
      }
    }
  }
  return best
}

const HEADER = [
  '',
  'wall',
  'cpu',
  'largest process',
  'all processes',
  'wall ÷',
  'largest ÷',
  'all ÷',
]

function print(title, rows) {
  const cells = [HEADER, ...rows]
  const widths = HEADER.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  console.log(`\n${title}`)
  for (const row of cells) {
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd())
  }
}

const wall = ({ ms, cut }) => (cut ? `over ${(ms / 1000).toFixed(0)} s` : `${ms.toFixed(0)} ms`)
const memory = (kib, cut) =>
  Number.isNaN(kib) ? 'not measured' : `${cut ? 'over ' : ''}${(kib / 1024).toFixed(0)} MiB`

const size = (bytes) =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

/** How many times the tool's; nothing for the tool itself. */
function ratio(ours, theirs, cut) {
  const times = ours / theirs
  return Number.isNaN(times) ? '' : `${cut ? 'under ' : ''}${times.toFixed(2)}`
}

const EMPTY_NODE = { name: 'Node, empty script', command: process.execPath, args: [empty] }

async function comparePair(title, samples, runs, { bare }) {
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
  const tool = { name: 'go tool pprof', command: 'go', args: ['tool', 'pprof', ...flags] }
  const contenders = [
    { name: 'heapgate diff', command: process.execPath, args: [cli, 'diff', base, current] },
    tool,
    ...(bare ? [{ name: 'pprof, bare', command: pprof, args: flags }, EMPTY_NODE] : []),
  ]
  const results = await race(contenders, runs)
  const theirs = results[contenders.indexOf(tool)]
  const inflated = pair.map((bytes) => size(bytes.length)).join(' and ')
  const onDisk = files.map((file) => size(statSync(file).size)).join(' and ')
  print(
    `${title}: ${samples} samples, ${inflated}, ${onDisk} compressed; best of ${runs}`,
    results.map((result, index) => {
      const against = (column) =>
        contenders[index] === tool ? '' : ratio(result[column], theirs[column], theirs.cut)
      return [
        contenders[index].name,
        wall(result),
        Number.isNaN(result.cpuMs) ? '' : `${result.cpuMs.toFixed(0)} ms`,
        memory(result.largestKib, result.cut),
        memory(result.allKib, result.cut),
        against('ms'),
        against('largestKib'),
        against('allKib'),
      ]
    }),
  )
  for (const file of files) rmSync(file)
}

console.log(
  `heapgate (Node ${process.version}) and pprof of ${goVersion}, ${process.platform}/${process.arch}\n` +
    '÷ is times go tool pprof, which runs as two processes: the go command, and pprof under it',
)
try {
  writeFileSync(empty, '')
  await comparePair('(a) typical pair', 1000, quick ? 3 : 15, { bare: true })
  await comparePair('(b) large pair', quick ? 20_000 : 340_000, 2, { bare: true })
  const sizes = quick ? [10_000] : [10_000, 100_000, 1_000_000]
  for (const size of sizes) await comparePair('growth', size, 1, { bare: false })

  const small = join(work, 'small.pb.gz')
  writeFileSync(small, compressed(generatePair(300)[0]))
  const top = { command: process.execPath, args: [cli, 'top', small] }
  const [bareNode, ours] = await race([EMPTY_NODE, top], quick ? 5 : 15)
  console.log(
    `\nstart: Node alone ${bareNode.ms.toFixed(0)} ms, heapgate top on 300 samples ${ours.ms.toFixed(0)} ms, ` +
      `ratio ${ratio(ours.ms, bareNode.ms)}`,
  )
} finally {
  rmSync(work, { recursive: true })
}
