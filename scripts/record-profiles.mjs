/**
 * Records `fixtures/profiles`: profiles of each kind from the fixture `profiles-lab`, and what
 * `go tool pprof` prints for them, so that tests need no Go.
 *
 *     node scripts/record-profiles.mjs [GOTOOLCHAIN …]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const lab = join(root, 'fixtures/services/profiles-lab')
const recordings = join(root, 'fixtures/profiles')
// The path is in the profiles: it must not be that of the machine which records.
const work = join(tmpdir(), 'profiles-lab')

const toolchains = process.argv.slice(2)
if (toolchains.length === 0) toolchains.push('local')

for (const toolchain of toolchains) {
  const env = { ...process.env, GOTOOLCHAIN: toolchain, TZ: 'UTC' }
  const go = (...args) => execFileSync('go', args, { cwd: lab, env, encoding: 'utf8' })
  const version = /go(\d+\.\d+)/.exec(go('version'))[1]
  for (const { name, rate, tags } of [
    { name: 'rate-1', rate: 1, tags: '' },
    { name: 'rate-4096', rate: 4096, tags: '' },
    { name: 'changed', rate: 4096, tags: 'changed' },
  ]) {
    const binary = join(work, 'lab')
    const out = join(recordings, `go${version}-${name}`)
    rmSync(out, { recursive: true, force: true })
    mkdirSync(out, { recursive: true })
    mkdirSync(work, { recursive: true })
    go('build', '-trimpath', '-buildvcs=false', '-tags', tags, '-o', binary, '.')
    execFileSync(binary, ['-out', out, '-rate', String(rate)], { cwd: work })
    for (const file of readdirSync(out)) {
      const pprof = (...flags) => go('tool', 'pprof', '-symbolize=local', ...flags, join(out, file))
      writeFileSync(
        join(out, file.replace('.pb.gz', '.top.txt')),
        pprof('-top', '-nodefraction=0').replace(/^Time: .*\n/m, ''),
      )
    }
    writeFileSync(
      join(out, 'heap-diff.top.txt'),
      go(
        ...['tool', 'pprof', '-top', '-nodefraction=0', '-unit=B'],
        ...['-diff_base', join(out, 'heap-0.pb.gz'), join(out, 'heap-1.pb.gz')],
      ).replace(/^Time: .*\n/m, ''),
    )
  }
}
rmSync(work, { recursive: true, force: true })
