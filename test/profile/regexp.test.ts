import { describe, expect, test } from '@jest/globals'
import { goRegExp } from '../../src/profile/regexp.ts'

describe("Go's syntax", () => {
  test.each([
    ['store', 'main.store.Put', true],
    ['^store', 'main.store.Put', false],
    ['(?i)STORE', 'main.store.Put', true],
    ['json\\.(?i:encode)', 'json.Encode', true],
    ['json\\.(?i:encode)', 'JSON.Encode', false],
    ['(*T)'.replace(/[()*]/g, '\\$&'), 'main.(*T).f', true],
    ['\\Q(*T)\\E\\.f$', 'main.(*T).f', true],
    ['\\Amain\\z', 'main', true],
    ['\\Amain\\z', 'main.f', false],
    ['[[:upper:]]\\d', 'xA1', true],
    ['^[[:^alpha:]]', '1a', true],
    ['^\\p{Lu}', 'Main', true],
    ['^\\p{Greek}', 'λ', true],
    ['\\101', 'A', true],
    ['[^]]', ']', false],
    ['[]a]', ']', true],
    ['[a\\-z]', '-', true],
    ['a\\/b\\_c', 'a/b_c', true],
    ['(?P<name>x)y', 'xy', true],
    ['a{2}', 'aa', true],
    ['a{', 'a{', true],
    ['\\pL+\\x{e9}', 'Caf\u00e9', true],
    ['a\\-b\\"', 'a-b"', true],
    ['^.$', '𝒳', true],
  ])('%s on %s', async (source, text, matches) => {
    expect((await goRegExp(source, '--focus')).test(text)).toBe(matches)
  })

  test.each([
    ['\\s', '\u00a0', false],
    ['\\s', '\v', false],
    ['^.$', '\r', true],
    ['\\d', '٣', false],
  ])('%s is not what it is in JavaScript, on %j', async (source, text, matches) => {
    expect((await goRegExp(source, '--focus')).test(text)).toBe(matches)
  })

  test.each(['\\u0041', '\\cA', '[\\b]', '(', 'a(?=b)', '(?<!a)b', '(a)\\1', '[z-a]', '*', '\\'])(
    '%s is refused',
    async (source) => {
      await expect(goRegExp(source, '--focus')).rejects.toThrow(
        /^--focus: ".*" is no regular expression: ./,
      )
    },
  )

  test("the reason is Go's", async () => {
    await expect(goRegExp('a**', '--focus')).rejects.toThrow(
      '--focus: "a**" is no regular expression: invalid nested repetition operator: `**`',
    )
  })
})

test('an expression that makes a backtracking engine hang is done at once', async () => {
  const expression = await goRegExp('(\\w+[./]?)+#', '--focus')
  expect(expression.test('github.com/example/shop/'.repeat(40))).toBe(false)
})
