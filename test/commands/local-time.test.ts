import { execFileSync } from 'node:child_process'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { buildSync } from 'esbuild'

/** The zone of a process is fixed by its environment, so each zone has a process of its own. */
function timeIn(zone: string, code: string, nanos: bigint): string {
  const script = `${code};process.stdout.write(localTime(${nanos.toString()}n))`
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: zone },
    encoding: 'utf8',
  })
}

describe('the local time', () => {
  let code = ''
  beforeAll(() => {
    const { outputFiles } = buildSync({
      entryPoints: ['src/commands/local-time.ts'],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    })
    code = outputFiles[0]?.text ?? ''
  })

  test.each([
    ['UTC', 1_790_000_000_123_456_789n, '2026-09-21 14:13:20 UTC'],
    ['', 1_790_000_000_123_456_789n, '2026-09-21 14:13:20 UTC'],
    ['UTC', -1n, '1969-12-31 23:59:59 UTC'],
  ])('in %j is written as Go writes it', (zone, nanos, expected) => {
    expect(timeIn(zone, code, nanos)).toBe(expected)
  })
})
