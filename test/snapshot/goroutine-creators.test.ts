import { describe, expect, test } from '@jest/globals'
import { parseCreators } from '../../src/snapshot/goroutine-creators.ts'

const goroutine = (number: number, creator: string): string =>
  [
    `goroutine ${number.toString()} [chan send]:`,
    'main.(*warehouse).ask(0xc000012345, {0x1, 0x2})',
    '\t/shop/main.go:30 +0x5d',
    `created by ${creator}`,
    '\t/shop/main.go:41 +0x9a',
    '',
  ].join('\n')

describe('parseCreators', () => {
  test('tells who starts a function, as Go 1.21 and newer write it and as older ones do', () => {
    for (const creator of ['main.(*stock).first in goroutine 19', 'main.(*stock).first']) {
      expect(parseCreators(goroutine(7, creator)).get('main.(*warehouse).ask')).toEqual({
        function: 'main.(*stock).first',
        file: '/shop/main.go',
        line: 41,
      })
    }
  })

  test('tells the one that started most', () => {
    const dump = [goroutine(1, 'main.rare'), goroutine(2, 'main.often'), goroutine(3, 'main.often')]
    expect(parseCreators(dump.join('\n')).get('main.(*warehouse).ask')?.function).toBe('main.often')
  })

  test('passes over the main goroutine, which nobody created, and over a dump cut short', () => {
    const main = 'goroutine 1 [IO wait]:\nmain.main()\n\t/shop/main.go:9 +0x1\n'
    expect(parseCreators(`${main}\n${goroutine(2, 'main.x').slice(0, 80)}`).size).toBe(0)
  })
})
