import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSourceTree } from '../../src/source/source-tree.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'source-tree-')))
const modules: Readonly<Record<string, string>> = {
  '.': 'example.com/shop',
  'tools/lint': 'example.com/shop/tools/lint',
  forks: '"example.com/forked"',
  'vendor/example.com/dep': 'example.com/dep',
}
for (const [directory, name] of Object.entries(modules)) {
  mkdirSync(join(root, directory), { recursive: true })
  writeFileSync(join(root, directory, 'go.mod'), `module ${name}\n\ngo 1.19\n`)
}
const { pathOf } = openSourceTree(root)

afterAll(() => {
  rmSync(root, { recursive: true })
})

describe('the path of a file that a profile names', () => {
  test('is the one below the root for an absolute name', () => {
    expect(pathOf(join(root, 'cart/cart.go'))).toBe('cart/cart.go')
    expect(pathOf('/usr/local/go/src/net/http/server.go')).toBeUndefined()
  })

  test('is found by the module in a binary built with -trimpath, by the longest name', () => {
    expect(pathOf('example.com/shop/cart/cart.go')).toBe('cart/cart.go')
    expect(pathOf('example.com/shop/tools/lint/main.go')).toBe('tools/lint/main.go')
  })

  test('is found in a module that a replace directive takes from the repository', () => {
    expect(pathOf('example.com/forked/a/b.go')).toBe('forks/a/b.go')
  })

  test('is none for dependencies and for the standard library', () => {
    expect(pathOf('example.com/dep/d.go')).toBeUndefined()
    expect(pathOf('example.com/dep@v1.2.3/d.go')).toBeUndefined()
    expect(pathOf('example.com/shopping/s.go')).toBeUndefined()
    expect(pathOf('net/http/server.go')).toBeUndefined()
  })
})
