import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { pathInRoot, readSourceLines } from '../../src/source/workspace.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')))
const root = join(directory, 'root')
mkdirSync(join(root, 'pkg'), { recursive: true })
writeFileSync(join(root, 'pkg/a.go'), 'package a\r\n\nfunc A() {}\n')
writeFileSync(join(directory, 'secret.go'), 'package secret\n')
writeFileSync(join(root, 'large.go'), Buffer.alloc(9 * 2 ** 20))
symlinkSync(join(directory, 'secret.go'), join(root, 'link.go'))
symlinkSync(directory, join(root, 'up'))
symlinkSync(root, join(directory, 'alias'))

afterAll(() => {
  rmSync(directory, { recursive: true })
})

describe('source lines', () => {
  test('are read by relative and by absolute path, without line ends', () => {
    const lines = { kind: 'lines', lines: ['package a', '', 'func A() {}'] }
    expect(readSourceLines(root, 'pkg/a.go')).toEqual(lines)
    expect(readSourceLines(root, join(root, 'pkg/a.go'))).toEqual(lines)
  })

  test('are read when the root itself is reached through a link', () => {
    expect(readSourceLines(join(directory, 'alias'), 'pkg/a.go').kind).toBe('lines')
  })

  test.each([
    ['an absolute path outside', join(directory, 'secret.go'), /outside/],
    ['a path that climbs out', '../secret.go', /outside/],
    ['a link to a file outside', 'link.go', /outside/],
    ['a path through a link to a directory outside', 'up/secret.go', /outside/],
    ['the root itself', '.', /outside/],
    ['a directory', 'pkg', /no regular file/],
    ['a device', '/dev/zero', /outside/],
    ['a file that is not there', 'pkg/b.go', /no such file/],
    ['a large file', 'large.go', /9437184 bytes/],
    ['a name with a NUL', 'pkg/a.go\0', /NUL/],
  ])('are refused for %s', (_name, path, reason) => {
    expect(readSourceLines(root, path)).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(reason),
    })
  })
})

describe('the path in the root', () => {
  test('is that of an absolute file name under it', () => {
    expect(pathInRoot(root, join(root, 'pkg/a.go'))).toBe('pkg/a.go')
    expect(pathInRoot(join(directory, 'alias'), join(root, 'pkg/a.go'))).toBe('pkg/a.go')
  })

  test.each(['/usr/lib/go/src/runtime/proc.go', 'example.com/m/a.go', '/', ''])(
    'is not known for %j',
    (file) => {
      expect(pathInRoot(root, file)).toBeUndefined()
    },
  )
})
