/** Bundles the two entries, the action and the terminal command, into `dist/`. Deterministic. */
import { build } from 'esbuild'
import { readFile, rm } from 'node:fs/promises'

const root = new URL('..', import.meta.url)
const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'))
const outdir = process.argv[2] ?? 'dist'

await rm(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: new URL('.', root).pathname,
  entryPoints: { index: 'src/main.ts', cli: 'src/cli.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // autocannon and the toolkit's HTTP tunnel are CommonJS and call `require` when they load.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  define: {
    __dirname: 'import.meta.dirname',
    __filename: 'import.meta.filename',
    HEAPGATE_VERSION: JSON.stringify(version),
  },
  chunkNames: 'chunk-[hash]',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'external',
  logLevel: 'warning',
})
