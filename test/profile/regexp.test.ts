import { describe, expect, test } from '@jest/globals'
import { goRegExp } from '../../src/profile/regexp.ts'

describe("Go's syntax", () => {
  test.each([
    ['store', 'main.store.Put', true],
    ['^store', 'main.store.Put', false],
    ['(?i)STORE', 'main.store.Put', true],
    ['(*T)'.replace(/[()*]/g, '\\$&'), 'main.(*T).f', true],
    ['\\Q(*T)\\E\\.f$', 'main.(*T).f', true],
    ['\\Amain\\z', 'main', true],
    ['\\Amain\\z', 'main.f', false],
    ['[[:upper:]]\\d', 'xA1', true],
    ['[^]]', ']', false],
    ['[]a]', ']', true],
    ['[a\\-z]', '-', true],
    ['a\\/b\\_c', 'a/b_c', true],
    ['(?P<name>x)y', 'xy', true],
    ['a{2}', 'aa', true],
    ['a{', 'a{', true],
    ['\\pL+\\x{e9}', 'Caf\u00e9', true],
    ['a\\-b\\"', 'a-b"', true],
    ['.', '𝒳', true],
  ])('%s on %s', (source, text, matches) => {
    expect(goRegExp(source, '--focus').test(text)).toBe(matches)
  })

  test.each(['(', 'a(?=b)', '(?<!a)b', '(a)\\1', '[z-a]', '*', '\\'])('%s is refused', (source) => {
    expect(() => goRegExp(source, '--focus')).toThrow(/^--focus: ".*" is no regular expression: ./)
  })
})
