import { describe, expect, test } from '@jest/globals'
import { mkdir, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { affordable } from '../../src/service/affordable.ts'
import type { MemoryGroup } from '../../src/service/control-group.ts'
import { inScratch } from '../support/heapgate.ts'

const MIB = 2 ** 20

describe('the memory that a service may take', () => {
  test('is what was asked for, but no more than the machine can give', async () => {
    expect(await affordable(1000, 0, [])).toBe(1000)
    const most = await affordable(Number.MAX_SAFE_INTEGER, 0, [])
    expect(most).toBeGreaterThan(MIB)
    expect(most).toBeLessThanOrEqual(0.8 * totalmem())
  })

  test.each(['v1', 'v2'] as const)(
    'is most of what it has and what the narrowest of its control groups leaves, %s',
    (version) =>
      inScratch(async (root) => {
        const [limit, usage] =
          version === 'v1'
            ? ['memory.limit_in_bytes', 'memory.usage_in_bytes']
            : ['memory.max', 'memory.current']
        const directory = join(root, 'job/service')
        await mkdir(directory, { recursive: true })
        await writeFile(join(directory, limit), version === 'v1' ? '9223372036854771712' : 'max\n')
        await writeFile(join(directory, usage), `${(30 * MIB).toString()}\n`)
        await writeFile(join(root, 'job', limit), `${(100 * MIB).toString()}\n`)
        await writeFile(join(root, 'job', usage), `${(50 * MIB).toString()}\n`)
        const group: MemoryGroup = { version, directory, root }
        expect(await affordable(2 ** 31, 20 * MIB, [group])).toBe(0.8 * 70 * MIB)
        const stat = `anon 1\ninactive_file ${(20 * MIB).toString()}\nactive_file ${(10 * MIB).toString()}\n`
        await writeFile(join(root, 'job/memory.stat'), stat)
        expect(await affordable(2 ** 31, 20 * MIB, [group])).toBe(0.8 * 100 * MIB)
        await writeFile(join(root, 'job', usage), `${(200 * MIB).toString()}\n`)
        expect(await affordable(2 ** 31, 20 * MIB, [group])).toBe(0.8 * 20 * MIB)
      }),
  )

  test('is not limited by control groups that can’t be read', async () => {
    const group: MemoryGroup = { version: 'v2', directory: '/nowhere/a', root: '/nowhere' }
    expect(await affordable(1000, 0, [group])).toBe(1000)
  })
})
