import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Where the system tells of control groups. */
export interface GroupSources {
  /** Such as /proc. */
  readonly proc: string
  /** Where the control groups are mounted, such as /sys/fs/cgroup. */
  readonly groups: string
}

export const LINUX: GroupSources = { proc: '/proc', groups: '/sys/fs/cgroup' }

/** The memory control group of a process. */
export interface MemoryGroup {
  readonly version: 'v1' | 'v2'
  /** Where its files are; those of its parents stand above it, up to `root`. */
  readonly directory: string
  readonly root: string
}

/**
 * The memory control group of a process, as /proc/PID/cgroup names it; `undefined` where there is
 * none. Source: Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
 */
export async function memoryGroupOf(
  pid: number,
  { proc, groups }: GroupSources,
): Promise<MemoryGroup | undefined> {
  const text = (await textOf(`${proc}/${pid.toString()}/cgroup`)) ?? ''
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
  const v1 = lines.find((line) => line?.[1]?.split(',').includes('memory') === true)
  if (v1?.[2] !== undefined) return groupAt('v1', `${groups}/memory`, v1[2])
  const v2 = lines.find((line) => line?.[1] === '')
  return v2?.[2] === undefined ? undefined : groupAt('v2', groups, v2[2])
}

const groupAt = (version: MemoryGroup['version'], root: string, path: string): MemoryGroup => ({
  version,
  directory: path === '/' ? root : `${root}${path}`,
  root,
})

/** Processes of the group that the kernel killed for memory so far, where it can be read. */
export async function oomKillsIn({ version, directory }: MemoryGroup): Promise<number | undefined> {
  const name = version === 'v1' ? 'memory.oom_control' : 'memory.events'
  return killsIn(`${directory}/${name}`)
}

/** The same on the whole machine. */
export const oomKillsOnMachine = ({ proc }: GroupSources): Promise<number | undefined> =>
  killsIn(`${proc}/vmstat`)

/** Bytes that the group and those above it leave until the kernel kills; Infinity without limit. */
export async function freeBytesIn({ version, directory, root }: MemoryGroup): Promise<number> {
  const [limit, usage] =
    version === 'v1'
      ? ['memory.limit_in_bytes', 'memory.usage_in_bytes']
      : ['memory.max', 'memory.current']
  let free = Infinity
  for (let at = directory; at.startsWith(root); at = dirname(at)) {
    const [max, current] = await Promise.all([bytesIn(`${at}/${limit}`), bytesIn(`${at}/${usage}`)])
    if (max === undefined || current === undefined) continue
    free = Math.min(free, max - current + (await cacheIn(`${at}/memory.stat`)))
  }
  return Math.max(0, free)
}

/** Bytes of files in memory: they count as used, and the kernel gives them up before it kills. */
async function cacheIn(file: string): Promise<number> {
  const text = (await textOf(file)) ?? ''
  // The first version tells apart what a group has alone and what it has with those below it.
  const prefix = text.includes('total_active_file') ? 'total_' : ''
  const counts = text.matchAll(new RegExp(`^${prefix}(?:in)?active_file (\\d{1,20})$`, 'gm'))
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** A number alone in its file; `max` and what is absent are none. */
async function bytesIn(file: string): Promise<number | undefined> {
  const text = ((await textOf(file)) ?? '').trim()
  return /^\d{1,20}$/.test(text) ? Number(text) : undefined
}

async function killsIn(file: string): Promise<number | undefined> {
  const count = /^oom_kill (\d{1,15})$/m.exec((await textOf(file)) ?? '')?.[1]
  return count === undefined ? undefined : Number(count)
}

const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch(() => undefined)
