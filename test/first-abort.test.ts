import { describe, expect, test } from '@jest/globals'
import { getEventListeners } from 'node:events'
import { firstAbort } from '../src/first-abort.ts'

describe('the first of several signals', () => {
  test('fires with whichever fires', () => {
    for (const index of [0, 1]) {
      const sources = [new AbortController(), new AbortController()]
      const first = firstAbort(...sources.map(({ signal }) => signal))
      expect(first.signal.aborted).toBe(false)
      sources[index]?.abort()
      expect(first.signal.aborted).toBe(true)
    }
  })

  test('has fired when one of them has', () => {
    expect(firstAbort(new AbortController().signal, AbortSignal.abort()).signal.aborted).toBe(true)
  })

  test('of none never fires', () => {
    expect(firstAbort().signal.aborted).toBe(false)
  })

  test('lets go of its sources, and does not fire any more', () => {
    const source = new AbortController()
    const first = firstAbort(source.signal)
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(1)
    first.release()
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(0)
    source.abort()
    expect(first.signal.aborted).toBe(false)
  })
})
