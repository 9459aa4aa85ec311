import { describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  listProcesses,
  type ProcessEntry,
  processesWith,
  readProcess,
  treeOf,
  uptimeOf,
} from '../../src/service/process-tree.ts'

const entry = (pid: number, parent: number, group: number): ProcessEntry => ({
  pid,
  parent,
  group,
  residentBytes: 1,
  threads: 1,
})

describe('the tree of a process group', () => {
  test('has its members and all that descend from them, in any order', () => {
    const all = [
      entry(40, 30, 40), // a grandchild in a group of its own
      entry(1, 0, 1),
      entry(30, 20, 10),
      entry(20, 10, 10),
      entry(10, 2, 10),
      entry(2, 1, 2),
      entry(50, 1, 10), // an orphan that stayed in the group
      entry(60, 1, 60),
    ]
    expect(treeOf(10, all).map(({ pid }) => pid)).toEqual([40, 30, 20, 10, 50])
    expect(treeOf(99, all)).toEqual([])
  })

  test('of processes that name each other as parents has an end', () => {
    expect(treeOf(1, [entry(1, 2, 1), entry(2, 1, 2)])).toHaveLength(2)
  })
})

test('the age of a process is told, and none of one that is gone', async () => {
  expect(await uptimeOf(process.pid)).toBeGreaterThan(process.uptime() * 1000 - 100)
  expect(await uptimeOf(process.pid)).toBeLessThan(process.uptime() * 1000 + 2000)
  expect(await uptimeOf(4_000_000_000)).toBeUndefined()
})

describe('the list of processes', () => {
  test('has ourselves, with parent and resident memory', async () => {
    const us = (await listProcesses()).find(({ pid }) => pid === process.pid)
    expect(us?.parent).toBe(process.ppid)
    expect((us?.residentBytes ?? 0) / process.memoryUsage.rss()).toBeGreaterThan(0.5)
    expect((us?.residentBytes ?? 0) / process.memoryUsage.rss()).toBeLessThan(2)
  })

  test('has no zombies and nothing that is gone', async () => {
    // The shell becomes a sleep that never asks for the end of its child.
    const child = spawn('/bin/sh', ['-c', 'sh -c "echo \\$\\$"& exec sleep 60'], { stdio: 'pipe' })
    try {
      const [printed] = (await once(child.stdout, 'data')) as [Buffer]
      const zombie = Number(printed.toString())
      for (let tries = 0; readProcess(zombie) !== undefined && tries < 200; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      expect((await listProcesses()).map(({ pid }) => pid)).not.toContain(zombie)
    } finally {
      child.kill('SIGKILL')
    }
    expect(readProcess(4_000_000_000)).toBeUndefined()
  })

  test('is right about a command whose name looks like fields', async () => {
    const name = 'a) Z 1 2 3 ('
    const script = `require('fs').writeFileSync('/proc/self/comm', ${JSON.stringify(name)}); console.log('up'); setTimeout(() => {}, 60000)`
    const child = spawn(process.execPath, ['-e', script], { stdio: 'pipe' })
    try {
      await once(child.stdout, 'data')
      expect(readProcess(child.pid ?? 0)?.parent).toBe(process.pid)
    } finally {
      child.kill('SIGKILL')
    }
  })
})

test('processes are found by a variable that they were started with, and by all of it', async () => {
  const value = `${process.pid.toString()}-${performance.now().toString()}`
  const child = spawn('sleep', ['60'], { env: { ...process.env, PROBE: value } })
  try {
    await once(child, 'spawn')
    expect(processesWith(`PROBE=${value}`)).toEqual([child.pid])
    expect(processesWith(`PROBE=${value.slice(0, -1)}`)).toEqual([])
    expect(processesWith(`ROBE=${value}`)).toEqual([])
  } finally {
    child.kill('SIGKILL')
  }
})
