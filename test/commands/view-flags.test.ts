import { describe, expect, test } from '@jest/globals'
import { UsageError } from '../../src/errors.ts'
import {
  BASE_FLAGS,
  parseViewFlags,
  profileSources,
  REPORT_FLAGS,
  reportOptions,
} from '../../src/commands/view-flags.ts'
import type { CommandLine } from '../../src/options/command-line.ts'
import type { ReportOptions } from '../../src/views/report.ts'

const parse = (...args: string[]): CommandLine =>
  parseViewFlags(args, { ...BASE_FLAGS, ...REPORT_FLAGS })

const options = (...args: string[]): ReportOptions => reportOptions(parse(...args))

const mistakesOf = (...args: string[]): readonly string[] => {
  try {
    options(...args)
  } catch (error) {
    if (error instanceof UsageError) return error.mistakes
    throw error
  }
  return []
}

describe('a flag', () => {
  test('may be written with dashes or underscores, after one dash or two', () => {
    expect(options('-sample_index', 'cpu').sampleIndex).toBe('cpu')
    expect(options('--sample-index=cpu').sampleIndex).toBe('cpu')
  })

  test('keeps the underscores of its value', () => {
    expect(options('-focus', '-a_b').focus).toBe('-a_b')
  })

  test('that is given again counts as it was given last', () => {
    expect(options('-nodecount=3', '-nodecount', '5').nodeCount).toBe(5)
    expect(options('-lines', '-lines').granularity).toBe('lines')
    expect(options('-focus=a\nb', '-focus=c\nd').focus).toBe('c\nd')
  })

  test.each(['true', 'T', '1'])('of two states is on with %s', (text) => {
    expect(options(`-cum=${text}`).sort).toBe('cum')
  })

  test.each(['false', 'F', '0'])('of two states is off with %s', (text) => {
    expect(options('-noinlines', `-noinlines=${text}`).noInlines).toBe(false)
  })

  test('of two states takes nothing else', () => {
    expect(mistakesOf('-cum=yes')).toEqual(['--cum: takes no value'])
  })

  test('at the end may miss its value', () => {
    expect(mistakesOf('-cum', '-sample_index')).toEqual(['--sample-index: a value is missing'])
  })

  test('that there is not is told, with the word that it may have been', () => {
    expect(mistakesOf('-nodecont=3')).toEqual([
      '--nodecont: unknown flag, did you mean --nodecount?',
    ])
  })
})

describe('a number', () => {
  test.each([
    ['+5', 5],
    ['0x1F', 31],
    ['010', 8],
    ['0b11', 3],
    ['1_000', 1000],
    ['0', 0],
    ['-7', -7],
  ])('of rows may be %s', (text, nodeCount) => {
    expect(options(`-nodecount=${text}`).nodeCount).toBe(nodeCount)
  })

  test.each([
    ['-0.1', -0.1],
    ['1E-2', 0.01],
    ['5.', 5],
    ['+.05', 0.05],
    ['1', 1],
  ])('of a share may be %s', (text, nodeFraction) => {
    expect(options('-nodefraction', text).nodeFraction).toBe(nodeFraction)
  })

  test.each([
    '-nodecount=08',
    '-nodecount=',
    '-nodecount=5.0',
    '-nodefraction=.',
    '-nodefraction=1e999',
  ])('is not %s', (flag) => {
    expect(mistakesOf(flag)).toEqual([expect.stringContaining('is no such number')])
  })
})

describe('a base', () => {
  const base = (...args: string[]): unknown => profileSources(parse(...args), ['heap']).base

  test('that is given again replaces the one before', () => {
    expect(base('-base=a', '-base=b')).toEqual({ path: 'b', kind: 'base' })
  })

  test('without a name is none', () => {
    expect(base('-base=')).toBeUndefined()
    expect(base('-base=', '-diff_base=a')).toEqual({ path: 'a', kind: 'diff_base' })
  })

  test('is of one kind', () => {
    expect(() => base('-base=a', '-diff_base=b')).toThrow('--base and --diff-base: give one')
  })
})
