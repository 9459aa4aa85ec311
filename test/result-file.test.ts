import { describe, expect, test } from '@jest/globals'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readResult } from '../src/result-file.ts'
import type { Result } from '../src/verdict/result.ts'
import { inScratch } from './support/heapgate.ts'
import { objections } from './support/published-schema.ts'
import { BROKEN, COMPLETE, failed, invalid, place } from './support/results.ts'

const reading = (text: string): Promise<Result> =>
  inScratch(async (directory) => {
    const file = join(directory, 'result.json')
    await writeFile(file, text)
    return readResult(file)
  })

const RESULTS: readonly Result[] = [
  failed(),
  failed({ verdict: 'pass', growth: [], notes: ['a note'] }),
  failed({
    growth: [place({ allocatedIn: 'x', source: { firstLine: 1, lines: ['', 'a'] } })],
    origin: { server: 'https://github.com', repository: 'o/r', commit: 'abc', run: 'https://x' },
  }),
  invalid({ hint: 'a hint' }),
  invalid({ measurement: COMPLETE }),
  invalid({
    measurement: { ...BROKEN, failure: { ...BROKEN.failure, hint: 'h', log: 'l' } },
  }),
]

describe('a result.json', () => {
  test.each(RESULTS)('is read as it was written: %#', async (result) => {
    expect(await reading(JSON.stringify(result))).toEqual(result)
  })

  test.each(RESULTS)('is what the published JSON Schema says: %#', (result) => {
    expect(objections(result)).toEqual([])
  })

  test.each([
    ['another schema', { ...failed(), schema: 'heapgate.result/2' }],
    ['a verdict of another run', { ...failed(), verdict: 'invalid' }],
    ['a missing part', { ...failed(), retained: undefined }],
    ['an unknown part', { ...failed(), more: 1 }],
    ['a text for a number', { ...failed(), retained: { ...failed().retained, bytes: '5' } }],
    ['nothing in it', {}],
    ['a list in it', []],
  ])('with %s is refused by us and by the published schema', async (_, result) => {
    expect(objections(JSON.parse(JSON.stringify(result)))).not.toEqual([])
    await expect(reading(JSON.stringify(result))).rejects.toThrow(
      /result\.json: this is no result of the schema heapgate\.result\/1:\n {2}/,
    )
  })

  test('that is none says what it is instead, in a few lines', async () => {
    await expect(reading('')).rejects.toThrow('result.json: this is no JSON')
    await expect(reading('{"schema":')).rejects.toThrow('result.json: this is no JSON')
    const many = { ...failed(), growth: Array.from({ length: 100 }, () => ({})) }
    const thrown: unknown = await reading(JSON.stringify(many)).catch((error: unknown) => error)
    expect(String(thrown).split('\n').length).toBeLessThan(8)
    await inScratch(async (directory) => {
      await expect(readResult(join(directory, 'missing'))).rejects.toThrow('ENOENT')
      await mkdir(join(directory, 'result.json'))
      await expect(readResult(join(directory, 'result.json'))).rejects.toThrow('EISDIR')
    })
  })
})
