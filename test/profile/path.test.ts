import { expect, test } from '@jest/globals'
import { baseName, cleanPath } from '../../src/profile/path.ts'

test.each([
  ['', '.'],
  ['.', '.'],
  ['a', 'a'],
  ['/', '/'],
  ['/a/b.go', '/a/b.go'],
  ['a//b/./c/', 'a/b/c'],
  ['a/../b', 'b'],
  ['../a', '../a'],
  ['a/../../b', '../b'],
  ['/../a', '/a'],
  ['./a', 'a'],
  ['/a/..b/...', '/a/..b/...'],
])('%j cleaned is %j', (path, cleaned) => {
  expect(cleanPath(path)).toBe(cleaned)
})

test.each([
  ['', '.'],
  ['/', '/'],
  ['/bin/shop', 'shop'],
  ['shop/', 'shop'],
])('the base of %j is %j', (path, base) => {
  expect(baseName(path)).toBe(base)
})
