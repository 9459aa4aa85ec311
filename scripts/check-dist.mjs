/** Fails when `dist/` is not what a fresh build makes. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const fresh = mkdtempSync(join(tmpdir(), 'heapgate-dist-'))
try {
  const build = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), fresh], {
    stdio: 'inherit',
  })
  if (build.status !== 0) process.exit(1)
  const committed = join(root, 'dist')
  const names = [...new Set([...readdirSync(fresh), ...readdirSync(committed)])].sort()
  const stale = names.filter((name) => read(committed, name) !== read(fresh, name))
  if (stale.length > 0) {
    console.error(
      `dist/ is not a fresh build: ${stale.join(', ')}\nRun npm run build and commit it.`,
    )
    process.exitCode = 1
  } else {
    console.log(`dist/ is a fresh build: ${names.length} files`)
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
}

function read(directory, name) {
  try {
    return readFileSync(join(directory, name), 'latin1')
  } catch {
    return undefined
  }
}
