import { describe, expect, test } from '@jest/globals'
import { UsageError } from '../../src/errors.ts'
import { type CommandLine, type Flag, parseCommandLine } from '../../src/options/command-line.ts'

const FLAGS: Readonly<Record<string, Flag>> = {
  'max-retained': { kind: 'value' },
  requests: { kind: 'value', repeatable: true },
  output: { kind: 'value', short: 'o' },
  json: { kind: 'switch' },
}

const parse = (...args: string[]): CommandLine => parseCommandLine(args, FLAGS)

const mistakesOf = (...args: string[]): readonly string[] => {
  try {
    parse(...args)
  } catch (error) {
    if (error instanceof UsageError) return error.mistakes
    throw error
  }
  return []
}

describe('parseCommandLine', () => {
  test('reads both forms of a value, short names and single dashes', () => {
    const { flags, words } = parse('--max-retained=1MiB', 'a', '-o', 'f', '-json', '--', '--b')
    expect(Object.fromEntries(flags)).toEqual({ 'max-retained': '1MiB', output: 'f', json: '' })
    expect(words).toEqual(['a', '--b'])
  })

  test('joins a repeated list by lines', () => {
    expect(parse('--requests', 'GET /a', '--requests=GET /b').flags.get('requests')).toBe(
      'GET /a\nGET /b',
    )
  })

  test('knows no flag by the name of a property that every object has', () => {
    expect(mistakesOf('--constructor', '--__proto__=1')).toEqual([
      '--constructor: unknown flag',
      '--__proto__: unknown flag',
    ])
  })

  test('tells all mistakes at once, and the nearest flag', () => {
    expect(
      mistakesOf('--max-retaned=1', '--json=yes', '--zzzzzz', '-o=1', '-o=2', '--requests'),
    ).toEqual([
      '--max-retaned: unknown flag, did you mean --max-retained?',
      '--json: takes no value',
      '--zzzzzz: unknown flag',
      '--output: given twice',
      '--requests: a value is missing',
    ])
  })
})
