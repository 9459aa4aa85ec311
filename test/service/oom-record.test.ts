import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { GroupSources } from '../../src/service/control-group.ts'
import { OomRecord } from '../../src/service/oom-record.ts'

let root: string
let sources: GroupSources

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heapgate-oom-'))
  sources = { proc: join(root, 'proc'), groups: join(root, 'cgroup') }
})

afterEach(() => rm(root, { recursive: true, force: true }))

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

describe('the kernel’s record of OOM kills', () => {
  test.each([
    {
      version: 'v2',
      cgroup: '0::/ci/job\n',
      file: 'cgroup/ci/job/memory.events',
      events: (kills: number) => `low 0\noom 7\noom_kill ${kills.toString()}\noom_group_kill 0\n`,
    },
    {
      version: 'v1',
      cgroup: '5:cpu,cpuacct:/\n4:memory:/ci/job\n0::/\n',
      file: 'cgroup/memory/ci/job/memory.oom_control',
      events: (kills: number) => `oom_kill_disable 0\noom_kill ${kills.toString()}\n`,
    },
  ])('of control groups $version counts from when it began', async ({ cgroup, file, events }) => {
    await write('proc/vmstat', 'nr_free_pages 5\noom_kill 11\n')
    await write('proc/42/cgroup', cgroup)
    await write(file, events(3))
    const record = await OomRecord.begin(sources)
    await record.follow([42])
    expect(await record.kills()).toEqual({ ofService: 0, onMachine: 0 })

    await write('proc/vmstat', 'nr_free_pages 5\noom_kill 13\n')
    await write(file, events(4))
    await record.follow([42, 43])
    expect(await record.kills()).toEqual({ ofService: 1, onMachine: 2 })

    await rm(join(root, file))
    expect(await record.kills()).toEqual({ ofService: 1, onMachine: 2 })
  })

  test('follows a process into another group', async () => {
    await write('proc/42/cgroup', '0::/\n')
    await write('cgroup/memory.events', 'oom_kill 0\n')
    const record = await OomRecord.begin(sources)
    await record.follow([42])
    await write('proc/42/cgroup', '0::/scope\n')
    await write('cgroup/scope/memory.events', 'oom_kill 2\n')
    await record.follow([42])
    await write('cgroup/scope/memory.events', 'oom_kill 3\n')
    expect(await record.kills()).toEqual({ ofService: 1, onMachine: undefined })
  })

  test('is unknown where nothing can be read', async () => {
    const record = await OomRecord.begin(sources)
    await record.follow([42])
    expect(await record.kills()).toEqual({ ofService: undefined, onMachine: undefined })
  })
})
