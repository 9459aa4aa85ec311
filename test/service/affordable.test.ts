import { describe, expect, test } from '@jest/globals'
import { totalmem } from 'node:os'
import { affordable } from '../../src/service/affordable.ts'

describe('the memory that a service may take', () => {
  test('is what was asked for, but no more than the machine can give', async () => {
    expect(await affordable(1000)).toBe(1000)
    const most = await affordable(Number.MAX_SAFE_INTEGER)
    expect(most).toBeGreaterThan(2 ** 20)
    expect(most).toBeLessThanOrEqual(0.8 * totalmem())
  })
})
