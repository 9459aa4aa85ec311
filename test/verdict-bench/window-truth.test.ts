import { describe, expect, test } from '@jest/globals'
import type { Entry } from '../../scripts/verdict-bench/manifest.ts'
import {
  type Counters,
  disagreements,
  truthInWindow,
} from '../../scripts/verdict-bench/window-truth.ts'
import { grown, measured } from '../support/measurement.ts'

/** A linear leak of 1,000 B and one object a request; what is given wins. */
const entry = (given: Partial<Entry> = {}): Entry => ({
  name: 'leak-callbacks',
  truth: 'leak',
  requests: ['GET /'],
  expected: 'fail',
  bytesPerRequest: 1000,
  objectsPerRequest: 1,
  growsInSteps: false,
  settleRequests: 0,
  beside: false,
  ...given,
})

/** Two rounds after a warm-up; how many requests they had is read from it. */
const RUN = measured([grown(0), grown(1e6), grown(2e6)])
const WARMUP = RUN.warmup?.answered ?? 0
const ROUND = RUN.rounds[0]?.load.answered ?? 0

/** The counters after the warm-up and each round of a service that keeps 1,000 B a request. */
const table = (rounds: number): Counters[] =>
  Array.from({ length: rounds + 1 }, (_, round) => {
    const requests = WARMUP + round * ROUND
    return { requests, heapAlloc: 5e6 + 1000 * requests, heapObjects: 5000 + requests }
  })

describe('the truth of a window', () => {
  test('is what requests kept from the baseline to the last round, not after it', () => {
    const later = { requests: WARMUP + 3 * ROUND, heapAlloc: 9e9, heapObjects: 9e9 }
    expect(truthInWindow(entry(), [...table(2), later], RUN)).toEqual({
      bytesPerRequest: 1000,
      objectsPerRequest: 1,
    })
  })

  test('begins where the leak begins', () => {
    const [warm, first, second] = table(2)
    if (warm === undefined || first === undefined || second === undefined) throw new Error('short')
    const quiet = { ...warm, heapAlloc: first.heapAlloc }
    expect(
      truthInWindow(entry({ settleRequests: WARMUP + 1 }), [quiet, first, second], RUN),
    ).toMatchObject({ bytesPerRequest: 1000 })
  })

  test('is unknown where the table ends before the rounds', () => {
    expect(truthInWindow(entry(), table(1), RUN)).toBeUndefined()
  })
})

describe('a window and the manifest', () => {
  const kept = { bytesPerRequest: 1000, objectsPerRequest: 1 }

  test('agree within a hundredth', () => {
    expect(disagreements(entry({ bytesPerRequest: 1009 }), kept, 'go1.26.8')).toEqual([])
    expect(disagreements(entry({ bytesPerRequest: 1011 }), kept, 'go1.26.8')).toEqual([
      'leak-callbacks keeps 1000.000 bytes a request in this window, the manifest says 1011',
    ])
  })

  test('are compared by the version of Go', () => {
    const byGo = { '1.23': { bytesPerRequest: 1200, objectsPerRequest: 1 } }
    expect(disagreements(entry({ byGo }), kept, 'go1.22.1')).toEqual([])
    expect(disagreements(entry({ byGo }), kept, 'go1.26.8')).toHaveLength(1)
  })

  test('are compared by objects alone where a leak grows in steps', () => {
    const steps = entry({ growsInSteps: true, bytesPerRequest: 1200 })
    expect(disagreements(steps, kept, 'go1.26.8')).toEqual([])
    expect(disagreements({ ...steps, objectsPerRequest: 1.1 }, kept, 'go1.26.8')).toHaveLength(1)
  })
})
