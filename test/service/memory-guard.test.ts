import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { affordable, guardMemory } from '../../src/service/memory-guard.ts'

const MIB = 2 ** 20

/** Runs `work` beside a process group whose child takes 200 MiB when it is told to. */
async function besideHungryGroup(
  work: (group: number, feed: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const hungry = `process.stdin.once('data', () => { global.kept = Buffer.alloc(${(200 * MIB).toString()}, 1); console.log('full') }); console.log('up')`
  // A shell in between: it is the group that is watched, not one process.
  const command = `'${process.execPath}' -e "${hungry}" | cat`
  const shell = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'pipe' })
  const group = shell.pid ?? 0
  try {
    await once(shell.stdout, 'data')
    await work(group, async () => {
      shell.stdin.write('eat\n')
      await once(shell.stdout, 'data')
    })
  } finally {
    process.kill(-group, 'SIGKILL')
  }
}

describe('the memory guard', () => {
  test('fires when the processes of a group are over the limit together, and not before', () =>
    besideHungryGroup(async (group, feed) => {
      const guard = guardMemory(group, 190 * MIB)
      try {
        await sleep(300)
        expect(guard.signal.aborted).toBe(false)
        const fired = once(guard.signal, 'abort')
        await feed()
        await fired
      } finally {
        guard.stop()
      }
    }))

  test('looks no more when it is stopped', () =>
    besideHungryGroup(async (group, feed) => {
      const guard = guardMemory(group, 190 * MIB)
      guard.stop()
      await feed()
      await sleep(200)
      expect(guard.signal.aborted).toBe(false)
    }))

  test('does not mind a group that is gone', async () => {
    const guard = guardMemory(2 ** 30, 1)
    await sleep(150)
    guard.stop()
    expect(guard.signal.aborted).toBe(false)
  })

  test('asks for no more than the machine can give', async () => {
    expect(await affordable(1000)).toBe(1000)
    const most = await affordable(Number.MAX_SAFE_INTEGER)
    expect(most).toBeGreaterThan(MIB)
    expect(most).toBeLessThanOrEqual(0.8 * totalmem())
  })
})
