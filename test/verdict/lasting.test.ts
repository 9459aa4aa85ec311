import { describe, expect, test } from '@jest/globals'
import { judge } from '../../src/verdict/judge.ts'
import type { CompleteMeasurement, StackGrowth } from '../../src/verdict/measurement.ts'
import type { JudgedResult } from '../../src/verdict/result.ts'
import { BUDGETS, frame, grown, measured, MIB, stack } from '../support/measurement.ts'

const LEAK = stack(
  [frame('main.subscribe', 'main.go', 29)],
  [0, 1, 2, 3, 4, 5].map((n) => n * MIB),
)

/** A service that drops sixteen megabytes of its start, and keeps what `stacks` say. */
const falling = (
  stacks: readonly StackGrowth[],
  changes: Partial<CompleteMeasurement> = {},
): CompleteMeasurement =>
  measured(
    [16, 1, 2, 3, 4, 5].map((n) => grown(n * MIB)),
    { growth: { stacks, folded: { stacks: 0, bytes: [], objects: [] } }, ...changes },
  )

const judged = (measurement: CompleteMeasurement): JudgedResult => {
  const result = judge(measurement, BUDGETS)
  if (result.verdict === 'invalid') throw new Error(result.reason)
  return result
}

describe('a line that keeps more in every round beneath a total that falls', () => {
  test('makes a pass a warning, and is named', () => {
    expect(judged(falling([LEAK]))).toMatchObject({
      verdict: 'warn',
      reason:
        'The service kept nothing over 10,000 requests; max-retained allows 1 MiB. ' +
        'But main.subscribe (main.go:29) kept more in every round: 5 MiB in all, while other memory went. Look there first.',
    })
  })

  test('is told whatever the function gives back elsewhere', () => {
    const emptied = stack(
      [frame('main.subscribe', 'main.go', 35)],
      [8, 0, 0, 0, 0, 0].map((n) => n * MIB),
    )
    expect(judged(falling([emptied, LEAK])).reason).toContain('main.subscribe (main.go:29)')
  })

  test.each([
    ['is within the limit', { bytes: [0, 1, 2, 3, 4, 5].map((n) => (n * MIB) / 6) }],
    ['stops', { bytes: [0, 2, 4, 5, 5, 5].map((n) => n * MIB) }],
    ['is no more than sampling may err by', { bytesError: 1.5 * MIB }],
    ['is a library’s', { frames: [frame('bufio.NewReaderSize')] }],
  ])('does not count when it %s', (_, changes) => {
    expect(judged(falling([{ ...LEAK, ...changes }])).verdict).toBe('pass')
  })

  test('must have stayed through the wait, if there was one', () => {
    const coolDown = { afterRounds: 5, waitedMs: 10_000, snapshot: grown(0) }
    const after = (cooled: number): string =>
      judged(falling([{ ...LEAK, cooled }], { coolDown })).reason
    expect(after(5 * MIB)).toContain('kept more in every round, also through the wait: 5 MiB')
    expect(after(0.5 * MIB)).not.toContain('in every round')
  })
})
