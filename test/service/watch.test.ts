import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Watch } from '../../src/service/watch.ts'

const MIB = 2 ** 20

/** Runs `work` with the watch of a process group whose child takes 200 MiB when it is told to. */
async function besideHungryGroup(
  work: (watch: Watch, feed: () => Promise<void>, group: number) => Promise<void>,
): Promise<void> {
  const hungry = `process.stdin.once('data', () => { global.kept = Buffer.alloc(${(200 * MIB).toString()}, 1); console.log('full') }); console.log('up')`
  // A shell in between: it is the group that is watched, not one process.
  const command = `'${process.execPath}' -e "${hungry}" | cat`
  const shell = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'pipe' })
  const group = shell.pid ?? 0
  const watch = await Watch.begin(group)
  try {
    await once(shell.stdout, 'data')
    const feed = async (): Promise<void> => {
      shell.stdin.write('eat\n')
      await once(shell.stdout, 'data')
    }
    await work(watch, feed, group)
  } finally {
    watch.stop()
    // A test may have killed it.
    if (shell.exitCode === null && shell.signalCode === null) process.kill(-group, 'SIGKILL')
  }
}

describe('the watch of a service', () => {
  test('fires a limit when its processes are over it together, and not before', () =>
    besideHungryGroup(async (watch, feed) => {
      const guard = await watch.limit(190 * MIB)
      await sleep(300)
      expect(guard.signal.aborted).toBe(false)
      const fired = once(guard.signal, 'abort')
      await feed()
      await fired
    }))

  test('fires no limit that was released, and none once it is stopped', () =>
    besideHungryGroup(async (watch, feed) => {
      const released = await watch.limit(190 * MIB)
      released.release()
      await feed()
      await sleep(200)
      watch.stop()
      const late = await watch.limit(1)
      await sleep(200)
      expect([released.signal.aborted, late.signal.aborted]).toEqual([false, false])
    }))

  test('tells the course of resident memory, its peak, and which processes ended', () =>
    besideHungryGroup(async (watch, feed, group) => {
      await watch.ready()
      await sleep(200)
      await feed()
      await sleep(200)
      const before = watch.seen()
      expect(before).toMatchObject({ everyMs: 100, processes: 3, endedProcesses: 0 })
      expect(before.peakBytes).toBeGreaterThan(200 * MIB)
      expect(Math.max(...before.residentBytes)).toBe(before.peakBytes)
      expect(before.residentBytes[1]).toBeLessThan(200 * MIB)
      process.kill(-group, 'SIGKILL')
      await sleep(200)
      expect(watch.seen()).toMatchObject({
        peakBytes: before.peakBytes,
        processes: 3,
        endedProcesses: 3,
      })
    }))

  test('does not mind a group that is gone', async () => {
    const watch = await Watch.begin(2 ** 30)
    const guard = await watch.limit(1)
    await sleep(150)
    watch.stop()
    expect(guard.signal.aborted).toBe(false)
    expect(watch.seen()).toMatchObject({ peakBytes: 0, processes: 0, endedProcesses: 0 })
  })
})
