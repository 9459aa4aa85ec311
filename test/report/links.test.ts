import { describe, expect, test } from '@jest/globals'
import { permalink, position } from '../../src/report/links.ts'
import { place } from '../support/results.ts'

const origin = { server: 'https://github.com', repository: 'octo/shop', commit: 'abc' }
const linkTo = (path: string): string | undefined => permalink(origin, place({ path, line: 7 }))

describe('a permalink', () => {
  test('leads to the line at the commit that was measured', () => {
    expect(linkTo('cmd/shop/main.go')).toBe(
      'https://github.com/octo/shop/blob/abc/cmd/shop/main.go#L7',
    )
  })

  test.each(['a b/c.go', 'a#b/c?.go', '100%/ü.go', 'a"><b>/`x`.go', 'a\\b.go', 'a\n.go'])(
    'leads to the file %j and nowhere else',
    (path) => {
      const url = new URL(linkTo(path) ?? '')
      expect(url.pathname.split('/').slice(5).map(decodeURIComponent).join('/')).toBe(path)
      expect(url.hash).toBe('#L7')
      expect(url.href).toBe(linkTo(path))
    },
  )

  test('is none for a path that leaves the repository', () => {
    expect(linkTo('../../evil/x.go')).toBeUndefined()
    expect(linkTo('a/./b.go')).toBeUndefined()
  })

  test('survives half a character', () => {
    expect(linkTo('\ud800.go')).toContain('/%EF%BF%BD.go#L7')
  })

  test('is none outside the repository and without an origin', () => {
    expect(permalink(origin, place({ path: undefined }))).toBeUndefined()
    expect(permalink(undefined, place())).toBeUndefined()
  })

  test('has no line where the profile knows none', () => {
    expect(permalink(origin, place({ line: 0 }))).toBe(
      'https://github.com/octo/shop/blob/abc/main.go',
    )
  })
})

test('a position is the path in the repository, else the file as the profile says it', () => {
  const outside = place({ path: undefined, file: '/usr/go/src/bytes/buffer.go', line: 3 })
  expect(position(place())).toBe('main.go:12')
  expect(position(outside)).toBe('/usr/go/src/bytes/buffer.go:3')
  expect(position({ ...outside, file: '' })).toBe('(unknown file)')
})
