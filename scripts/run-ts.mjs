/** Runs a TypeScript file of the project on any Node: `node scripts/run-ts.mjs FILE.ts [ARG …]`. */
import { build } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [entry, ...args] = process.argv.slice(2)
// Beside node_modules, so that packages are found from there.
const directory = mkdtempSync(join(root, 'node_modules/.run-ts-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
const outfile = join(directory, 'entry.mjs')
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  define: { PROJECT_ROOT: JSON.stringify(root) },
})
process.argv = [process.execPath, outfile, ...args]
await import(pathToFileURL(outfile).href)
