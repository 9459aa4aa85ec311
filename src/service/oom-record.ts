import {
  type GroupSources,
  LINUX,
  type MemoryGroup,
  memoryGroupOf,
  oomKillsIn,
  oomKillsOnMachine,
} from './control-group.ts'

/** What the kernel has counted of its OOM killer since the watch began. */
export interface OomKills {
  /** In the memory control groups of the service; `undefined` where they can't be read. */
  readonly ofService: number | undefined
  /** On the whole machine; `undefined` where it can't be read. */
  readonly onMachine: number | undefined
}

/** A control group of the service, with the kills that it told at first and last. */
interface FollowedGroup {
  readonly group: MemoryGroup
  readonly before: number
  readonly now: number
}

/**
 * Follows the kernel's own record of processes that it killed for memory: the control groups of
 * chosen processes, and the machine.
 */
export class OomRecord {
  readonly #sources: GroupSources
  readonly #machineBefore: number | undefined
  readonly #groups = new Map<string, FollowedGroup>()

  private constructor(sources: GroupSources, machineBefore: number | undefined) {
    this.#sources = sources
    this.#machineBefore = machineBefore
  }

  /** Begins to count. */
  static async begin(sources: GroupSources = LINUX): Promise<OomRecord> {
    return new OomRecord(sources, await oomKillsOnMachine(sources))
  }

  /** Notes the control groups of these processes, which may have moved to another one. */
  async follow(pids: readonly number[]): Promise<void> {
    for (const pid of pids) {
      const group = await memoryGroupOf(pid, this.#sources)
      if (group === undefined || this.#groups.has(group.directory)) continue
      const kills = await oomKillsIn(group)
      if (kills !== undefined) {
        this.#groups.set(group.directory, { group, before: kills, now: kills })
      }
    }
  }

  /** The control groups seen so far. */
  get groups(): readonly MemoryGroup[] {
    return [...this.#groups.values()].map(({ group }) => group)
  }

  /** The kills since the beginning. */
  async kills(): Promise<OomKills> {
    let ofService: number | undefined
    for (const [directory, followed] of this.#groups) {
      // A group may be gone with its last process: then what it told last counts.
      const now = (await oomKillsIn(followed.group)) ?? followed.now
      this.#groups.set(directory, { ...followed, now })
      ofService = (ofService ?? 0) + now - followed.before
    }
    const machine = await oomKillsOnMachine(this.#sources)
    const before = this.#machineBefore
    return {
      ofService,
      onMachine: machine === undefined || before === undefined ? undefined : machine - before,
    }
  }
}
