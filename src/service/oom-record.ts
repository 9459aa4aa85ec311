import { readFile } from 'node:fs/promises'

/** What the kernel has counted of its OOM killer since the watch began. */
export interface OomKills {
  /** In the memory control groups of the service; `undefined` where they can't be read. */
  readonly ofService: number | undefined
  /** On the whole machine; `undefined` where it can't be read. */
  readonly onMachine: number | undefined
}

export interface OomSources {
  /** Such as /proc. */
  readonly proc: string
  /** Where the control groups are mounted, such as /sys/fs/cgroup. */
  readonly groups: string
}

const LINUX: OomSources = { proc: '/proc', groups: '/sys/fs/cgroup' }

/**
 * Follows the kernel's own record of processes that it killed for memory: the control groups of
 * chosen processes, and the machine.
 *
 * Sources: Linux, Documentation/admin-guide/cgroup-v2.rst `memory.events`,
 * cgroup-v1/memory.rst `memory.oom_control`, and `oom_kill` in /proc/vmstat.
 */
export class OomRecord {
  readonly #sources: OomSources
  readonly #machineBefore: number | undefined
  /** Kills that a group's file told when it was first seen. */
  readonly #groupsBefore = new Map<string, number>()
  /** Kills that it told last: a group may be gone when we ask. */
  readonly #groupsNow = new Map<string, number>()

  private constructor(sources: OomSources, machineBefore: number | undefined) {
    this.#sources = sources
    this.#machineBefore = machineBefore
  }

  /** Begins to count. */
  static async begin(sources: OomSources = LINUX): Promise<OomRecord> {
    return new OomRecord(sources, await killsIn(`${sources.proc}/vmstat`))
  }

  /** Notes the control groups of these processes, which may have moved to another one. */
  async follow(pids: readonly number[]): Promise<void> {
    for (const pid of pids) {
      const text = await textOf(`${this.#sources.proc}/${pid.toString()}/cgroup`)
      const file = text === undefined ? undefined : recordOf(text, this.#sources.groups)
      if (file === undefined || this.#groupsBefore.has(file)) continue
      const kills = await killsIn(file)
      if (kills === undefined) continue
      this.#groupsBefore.set(file, kills)
      this.#groupsNow.set(file, kills)
    }
  }

  /** The kills since the beginning. */
  async kills(): Promise<OomKills> {
    for (const file of this.#groupsBefore.keys()) {
      const now = await killsIn(file)
      if (now !== undefined) this.#groupsNow.set(file, now)
    }
    const before = sumOf(this.#groupsBefore)
    const machine = await killsIn(`${this.#sources.proc}/vmstat`)
    return {
      ofService: this.#groupsBefore.size === 0 ? undefined : sumOf(this.#groupsNow) - before,
      onMachine:
        machine === undefined || this.#machineBefore === undefined
          ? undefined
          : machine - this.#machineBefore,
    }
  }
}

const sumOf = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)

/** The file with the kills of the memory control group that /proc/PID/cgroup names. */
function recordOf(text: string, mount: string): string | undefined {
  const lines = text.split('\n').map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
  const v1 = lines.find((line) => line?.[1]?.split(',').includes('memory') === true)
  if (v1?.[2] !== undefined) return `${mount}/memory${v1[2]}/memory.oom_control`
  const v2 = lines.find((line) => line?.[1] === '')
  return v2?.[2] === undefined ? undefined : `${mount}${v2[2]}/memory.events`
}

async function killsIn(file: string): Promise<number | undefined> {
  const count = /^oom_kill (\d{1,15})$/m.exec((await textOf(file)) ?? '')?.[1]
  return count === undefined ? undefined : Number(count)
}

const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch(() => undefined)
