import { describe, expect, test } from '@jest/globals'
import { annotationsOf } from '../../src/report/annotations.ts'
import type { JudgedResult } from '../../src/verdict/result.ts'
import { failed, invalid, place } from '../support/results.ts'

const kept = (bytes: number): { readonly bytes: number; readonly objects: number } => ({
  bytes,
  objects: 1,
})

describe('annotations', () => {
  test('stand on the lines of the own code that kept a notable share', () => {
    const growth = [
      place({ function: 'main.most', line: 3, retained: kept(800) }),
      place({ function: 'net/http.(*conn).serve', own: false, retained: kept(150) }),
      place({ function: 'main.elsewhere', path: undefined, retained: kept(140) }),
      place({ function: 'main.little', line: 9, retained: kept(10) }),
      place({ function: 'main.less', line: 10, retained: kept(-900) }),
    ]
    expect(annotationsOf(failed({ growth }))).toEqual([
      {
        level: 'error',
        title: 'heapgate: fail',
        message: 'main.most keeps 800 B more after the load than before (9.77 KiB per request).',
        file: 'main.go',
        line: 3,
      },
    ])
  })

  describe('where the total hides a line that goes on', () => {
    const [budget] = failed().budgets
    if (budget === undefined) throw new Error('no budget')
    const growth = [
      place({ function: 'main.cache', line: 3, retained: kept(900) }),
      place({ function: 'main.subscribe', line: 9, retained: kept(20), lasting: true }),
    ]
    const later = { start: 'cool-down', afterRounds: 5, bytes: 20, requests: 100 } as const
    const lines = (given: Partial<JudgedResult>): (number | undefined)[] =>
      annotationsOf(failed({ growth, ...given })).map(({ line }) => line)

    test('stand on that line alone', () => {
      expect(lines({ budgets: [{ ...budget, later }] })).toEqual([9])
    })

    test('stand on it in a warning, whose budgets are all within', () => {
      const within = { ...budget, state: 'within', trend: 'within' } as const
      expect(lines({ verdict: 'warn', budgets: [within] })).toEqual([9])
    })

    test('stand on the others as well when the total shows a leak', () => {
      const tall = [...growth, place({ line: 12, retained: kept(500), lasting: true })]
      expect(lines({ growth: tall })).toEqual([3, 12])
    })
  })

  test('say where the memory was allocated, if elsewhere', () => {
    const [annotation] = annotationsOf(failed({ growth: [place({ allocatedIn: 'bytes.Clone' })] }))
    expect(annotation?.message).toContain('per request, allocated in bytes.Clone)')
  })

  test('stand where goroutines wait, or where the own code starts them', () => {
    const budget = {
      ...failed().budgets[0],
      name: 'max-goroutine-growth',
      unit: 'goroutines',
    } as const
    const gained = { gained: 9, leaked: true, function: 'runtime.gopark', file: 'proc.go', line: 1 }
    const waiting = { ...gained, waitsIn: 'runtime.gopark', startedBy: 'main.ask' }
    const createdBy = { function: 'main.first', file: '/w/a.go', path: 'a.go', line: 41 }
    const result = failed({
      budgets: [{ ...failed().budgets[0], ...budget } as JudgedResult['budgets'][0]],
      goroutines: [
        { ...waiting, createdBy },
        { ...waiting, path: 'b.go', line: 7 },
      ],
    })
    expect(annotationsOf(result)).toEqual([
      {
        level: 'error',
        title: 'heapgate: fail',
        message:
          '9 goroutines more of main.ask than before the load wait in runtime.gopark, which the runtime proves leaked.',
        file: 'a.go',
        line: 41,
      },
      expect.objectContaining({ file: 'b.go', line: 7 }),
    ])
  })

  test('are at most five', () => {
    const growth = Array.from({ length: 9 }, () => place())
    expect(annotationsOf(failed({ growth }))).toHaveLength(5)
  })

  test('are the verdict itself where no line can be named', () => {
    const whole = { level: 'error', title: 'heapgate: fail', message: failed().reason }
    expect(annotationsOf(failed({ growth: [] }))).toEqual([whole])
    expect(annotationsOf(failed({ growth: [place({ own: false })] }))).toEqual([whole])
    expect(annotationsOf(invalid())).toEqual([
      { level: 'error', title: 'heapgate: invalid', message: invalid().reason },
    ])
  })

  test('warn where the verdict does, and are none where it passes', () => {
    expect(annotationsOf(failed({ verdict: 'warn' }))[0]?.level).toBe('warning')
    expect(annotationsOf(failed({ verdict: 'pass' }))).toEqual([])
  })

  test('hold no control character and no endless name', () => {
    const growth = [place({ function: `\u001b[31m${'f'.repeat(10_000)}`, allocatedIn: 'a\u0007' })]
    const [annotation] = annotationsOf(failed({ growth }))
    expect(annotation?.message).toMatch(/^\\x1b\[31mf+… keeps .* allocated in a\\x07\)\.$/)
    expect(annotation?.message.length).toBeLessThan(500)
    expect(annotationsOf(invalid({ reason: 'no \u001b[31m' }))[0]?.message).toBe('no \\x1b[31m')
  })
})
