/** Generates `proto/profile.js` and `.d.ts` from `profile.proto`; `--out DIR` puts them elsewhere. */
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [flag, directory] = process.argv.slice(2)
const out = flag === '--out' ? directory : `${root}proto`
const pbjs = createRequire(import.meta.url).resolve('protobufjs-cli/bin/pbjs')

execFileSync(
  process.execPath,
  [
    pbjs,
    ...['--target', 'static-module', '--wrap', 'esm', '--dts', '--root', 'profile'],
    ...['--no-service', '--no-delimited', '--no-verify', '--no-typeurl', '--no-convert'],
    ...['--out', `${out}/profile.js`, 'proto/profile.proto'],
  ],
  { cwd: root, stdio: 'inherit' },
)
