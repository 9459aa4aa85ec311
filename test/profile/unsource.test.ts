import { expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { withoutSourceUrls } from '../../src/profile/unsource.ts'
import { MADE, madeBytes } from '../support/made-profiles.ts'

const profile = decodeProfile(madeBytes(MADE.addresses))

function fileOf(file: string, buildId = ''): string | undefined {
  const mappings = profile.mappings.map((mapping) => ({ ...mapping, file, buildId }))
  return withoutSourceUrls({ ...profile, mappings }).mappings[0]?.file
}

test.each([
  'http://example.com/debug/pprof/heap',
  'https://u:p@example.com:6060/x?seconds=5',
  'C:/prog.exe',
  'foo:bar',
  'http://[::1]:80/x',
  'file:///bin/shop',
  'a:b%zz',
])('%s is taken for a URL', (file) => {
  expect(fileOf(file)).toBe('')
})

test.each([
  '/bin/shop',
  'shop',
  '[vdso]',
  '1a:b',
  'http://a b/c',
  'http://a:80x/',
  'http://[::1/x',
  'http://a/%zz',
  'a:b#%zz',
  'a:\u0001b',
])('%j is the name of a file', (file) => {
  expect(fileOf(file)).toBe(file)
})

test('a mapping with a build id keeps its file', () => {
  expect(fileOf('foo:bar', 'abc')).toBe('foo:bar')
})
