import { describe, expect, test } from '@jest/globals'
import { type ExitFacts, exitFailure } from '../../src/service/exit-failure.ts'
import type { RunFailure } from '../../src/service/run-failure.ts'

const SILENT = { ofService: undefined, onMachine: undefined }
const SIGKILL = { kind: 'signal', signal: 'SIGKILL' } as const
const STATUS_137 = { kind: 'status', status: 137 } as const

const failure = (facts: Partial<ExitFacts>): RunFailure =>
  exitFailure({
    exit: SIGKILL,
    when: 'in round 2 of 5',
    log: 'the end',
    oomKills: SILENT,
    peakBytes: 512 * 2 ** 20,
    ...facts,
  })

describe('the end of a service', () => {
  test.each([SIGKILL, STATUS_137])(
    'is one for want of memory where the kernel counts a kill in its control group: %j',
    (exit) => {
      expect(failure({ exit, oomKills: { ofService: 1, onMachine: 1 } })).toMatchObject({
        code: 'out-of-memory',
        message: 'The service was killed for memory by the kernel’s OOM killer in round 2 of 5.',
        hint: expect.stringContaining('up to 512 MiB resident'),
        log: 'the end',
      })
    },
  )

  test('is one for want of memory where Go’s runtime says so', () => {
    const log =
      'runtime: out of memory: cannot allocate 4194304-byte block\nfatal error: out of memory\n\ngoroutine 1'
    const exit = { kind: 'status', status: 2 } as const
    expect(failure({ exit, log })).toMatchObject({
      code: 'out-of-memory',
      message: 'The service ran out of memory in round 2 of 5.',
    })
  })

  test('by a SIGKILL of somebody else is not put on the kernel', () => {
    expect(failure({ oomKills: { ofService: 0, onMachine: 0 } })).toMatchObject({
      code: 'exited',
      message: 'The service was killed by SIGKILL in round 2 of 5.',
      hint: 'The kernel counts no OOM kill, so another process sent the signal.',
    })
  })

  test('by a SIGKILL while the OOM killer struck elsewhere on the machine leaves it open', () => {
    const { code, hint } = failure({ oomKills: { ofService: 0, onMachine: 1 } })
    expect([code, hint]).toEqual(['exited', expect.stringContaining('may have been this service')])
  })

  test('by a SIGKILL without a record that can be read is a guess', () => {
    expect(failure({}).hint).toContain('is often the kernel’s OOM killer')
  })

  test.each([
    [0, 'stay in the foreground'],
    [126, 'is it executable?'],
    [127, 'did not find the command'],
  ])('with status %d has its hint', (status, hint) => {
    expect(failure({ exit: { kind: 'status', status } }).hint).toContain(hint)
  })

  test('with any other status has none', () => {
    expect(failure({ exit: { kind: 'status', status: 3 } })).toMatchObject({
      message: 'The service exited with status 3 in round 2 of 5.',
      hint: undefined,
    })
  })
})
