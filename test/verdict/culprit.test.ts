import { expect, test } from '@jest/globals'
import { culprit } from '../../src/verdict/culprit.ts'
import type { Place } from '../../src/verdict/result.ts'
import { place } from '../support/results.ts'

const at = (name: string, bytes: number, latelyBytes: number, more: Partial<Place> = {}): Place =>
  place({ function: name, retained: { bytes, objects: 1 }, latelyBytes, ...more })

const named = (...growth: readonly Place[]): string | undefined => culprit(growth)?.function

test('the place that still grows is named before a cache that filled early and is larger', () => {
  expect(named(at('main.page', 4000, 0), at('main.subscribe', 2500, 1250))).toBe('main.subscribe')
})

test('a line that kept more in every round is named before all others, however little it holds', () => {
  const cache = at('main.page', 90_000, 80_000)
  const lasting = at('main.subscribe', 1000, 500, { lasting: true })
  expect(named(cache, lasting, at('main.other', 900, 450, { lasting: true }))).toBe(
    'main.subscribe',
  )
})

test('where all stopped, the place that kept most is named', () => {
  expect(named(at('main.page', 4000, 10), at('main.other', 2500, 20))).toBe('main.page')
})

test('a place that holds next to nothing is not named, however it grows', () => {
  expect(named(at('main.page', 4000, 0), at('main.log', 100, 100))).toBe('main.page')
})

test('the user’s own place is named before a larger one of a library', () => {
  const library = at('bufio.NewReaderSize', 9000, 4500, { own: false })
  expect(named(library, at('main.fetch', 1000, 500))).toBe('main.fetch')
  expect(named(library, at('main.fetch', 100, 50))).toBe('bufio.NewReaderSize')
})
