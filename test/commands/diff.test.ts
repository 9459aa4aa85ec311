import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from '@jest/globals'
import { diff } from '../../src/commands/diff.ts'
import { merge } from '../../src/commands/merge.ts'
import { top } from '../../src/commands/top.ts'
import { recordedText } from '../support/recorded-profiles.ts'
import { runCommand } from '../support/run-command.ts'

const recorded = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/profiles/${name}`, import.meta.url))
const [base, current] = [
  recorded('go1.27-rate-4096/heap-0.pb.gz'),
  recorded('go1.27-rate-4096/heap-1.pb.gz'),
]
const directory = mkdtempSync(join(tmpdir(), 'diff-'))
const output = join(directory, 'diff.pb.gz')

const withoutTime = (text: string): string => text.replace(/^Time: .*\n/m, '')

afterAll(() => {
  rmSync(directory, { recursive: true })
})

describe('heapgate diff', () => {
  test('prints what go tool pprof -top -nodefraction=0 -unit=B -diff_base prints', async () => {
    const { out, status } = await runCommand(diff, [base, current])
    expect(withoutTime(out)).toBe(recordedText('go1.27-rate-4096/heap-diff.top.txt'))
    expect(status).toBe(0)
  })

  test('writes the difference as a profile that shows the same', async () => {
    await runCommand(diff, ['-o', output, base, current])
    const { out } = await runCommand(top, ['-nodefraction=0', '-unit=B', output])
    expect(withoutTime(out)).toBe(recordedText('go1.27-rate-4096/heap-diff.top.txt'))
  })

  test('prints JSON in the unit of the sample type', async () => {
    const { out } = await runCommand(diff, [
      '--json',
      '--sample-index=inuse_objects',
      base,
      current,
    ])
    expect(JSON.parse(out)).toMatchObject({
      type: 'inuse_objects',
      unit: 'count',
      rows: expect.any(Array),
    })
  })

  test.each([
    [[], /two profiles are compared, 0 given/],
    [[base], /1 given/],
    [[base, current, base], /3 given/],
    [[base, recorded('go1.27-rate-1/heap-1.pb.gz')], /different periods: 4096 bytes and 1 bytes/],
    [[base, recorded('go1.27-rate-1/cpu.pb.gz')], /different sample types|different periods/],
    [[base, '/nowhere/heap.pb.gz'], /^\/nowhere\/heap\.pb\.gz: it can't be read/],
    [[base, fileURLToPath(import.meta.url)], /diff\.test\.ts: this is a text/],
    [['--nodecount=many', base, current], /--nodecount: "many" is no such number/],
    [['--files', '--lines', base, current], /--files and --lines: give one/],
    [['--base', base, current], /--base: unknown flag/],
  ])('%j is refused', async (args, message) => {
    await expect(runCommand(diff, args)).rejects.toThrow(message)
  })
})

describe('heapgate merge', () => {
  test('writes the sum: merging a profile with itself doubles every value', async () => {
    await runCommand(merge, ['-o', output, base, base])
    const rows = async (path: string): Promise<{ name: string; flat: number }[]> => {
      const { out } = await runCommand(top, ['--json', '--nodefraction=0', path])
      return (JSON.parse(out) as { rows: { name: string; flat: number }[] }).rows
    }
    const doubled = (await rows(base)).map(({ name, flat }) => ({ name, flat: flat * 2 }))
    expect((await rows(output)).map(({ name, flat }) => ({ name, flat }))).toEqual(doubled)
  })

  test('without output is refused', async () => {
    await expect(runCommand(merge, [base])).rejects.toThrow('-o: the file to write is missing')
  })
})
