/** Fuzzes the profile engine: `npm run fuzz -- --runs 20000 --seed 1`. Prints outcomes by kind. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = new URL('..', import.meta.url)
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
})

const directory = mkdtempSync(join(tmpdir(), 'fuzz-'))
const bundle = join(directory, 'fuzz.mjs')
await build({
  absWorkingDir: root.pathname,
  entryPoints: ['test/support/fuzz.ts'],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
})
const { fuzz } = await import(pathToFileURL(bundle).href)
rmSync(directory, { recursive: true })

const recordings = new URL('fixtures/profiles/', root)
const recorded = readdirSync(recordings, { recursive: true })
  .filter((name) => name.endsWith('.pb.gz'))
  .sort()
  .map((name) => readFileSync(new URL(name, recordings)))

const { counts, escapes } = await fuzz(recorded, Number(values.runs), Number(values.seed))
for (const [outcome, count] of [...counts].sort(([, a], [, b]) => b - a)) {
  console.log(`${String(count).padStart(8)}  ${outcome}`)
}
console.log(`${values.runs} runs of seed ${values.seed}: ${escapes.length} escapes`)
for (const escape of escapes.slice(0, 10)) console.error(escape)
process.exitCode = escapes.length === 0 ? 0 : 1
