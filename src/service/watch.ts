import { affordable } from './affordable.ts'
import { EMPTY_SERIES, type MemorySeries, withLook } from './memory-series.ts'
import { type OomKills, OomRecord } from './oom-record.ts'
import { listProcesses, type ProcessEntry, readProcess, treeOf } from './process-tree.ts'

const LOOK_EVERY_MS = 50
/** Who belongs to the service is asked anew after so many looks; between them the known are asked. */
const LOOKS_PER_LIST = 10

/** What was seen of the processes of a service while it ran. */
export interface Watched extends MemorySeries {
  readonly peakBytes: number
  /** Processes of the service when it was ready, its shell too. */
  readonly processes: number
  /** Those of them that are gone. */
  readonly endedProcesses: number
}

/** A limit on resident memory while something goes on. */
export interface MemoryLimit {
  /** The limit that holds: the one asked for, or less. */
  readonly bytes: number
  readonly signal: AbortSignal
  readonly release: () => void
}

/** Follows the processes of a service: their resident memory, their ends, their OOM kills. */
export class Watch {
  readonly #group: number
  readonly #oom: OomRecord
  readonly #start = performance.now()
  readonly #limits = new Map<AbortController, number>()
  #members: readonly ProcessEntry[] = []
  #atReady: readonly ProcessEntry[] = []
  #series = EMPTY_SERIES
  #peakBytes = 0
  #looks = 0
  #timer: NodeJS.Timeout | undefined

  private constructor(group: number, oom: OomRecord) {
    this.#group = group
    this.#oom = oom
  }

  /** Begins to watch a process group and all that descends from it, until `stop`. */
  static async begin(group: number): Promise<Watch> {
    const watch = new Watch(group, await OomRecord.begin())
    watch.#timer = setTimeout(() => void watch.#lookAgain(), 0)
    return watch
  }

  /** Notes which processes the service has now that it is ready. */
  async ready(): Promise<void> {
    await this.#list()
    this.#atReady = this.#members
  }

  /**
   * Fires at the next look that finds `limit` resident bytes or more, or so many that the kernel
   * would soon kill.
   */
  async limit(limit: number): Promise<MemoryLimit> {
    await this.#list()
    const over = new AbortController()
    const bytes = await affordable(limit, this.#resident, this.#oom.groups)
    this.#limits.set(over, bytes)
    return {
      bytes,
      signal: over.signal,
      release: () => {
        this.#limits.delete(over)
      },
    }
  }

  /** What the kernel counts of its OOM killer since the watch began. */
  oomKills(): Promise<OomKills> {
    return this.#oom.kills()
  }

  /** What was seen so far. */
  seen(): Watched {
    const now = this.#atReady.map(({ pid }) => readProcess(pid))
    return {
      ...this.#series,
      peakBytes: this.#peakBytes,
      processes: this.#atReady.length,
      endedProcesses: now.filter((entry) => entry === undefined).length,
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #lookAgain(): Promise<void> {
    // A look that fails, as without a free file descriptor, is tried again.
    await this.#look().catch(() => undefined)
    if (this.#timer !== undefined) {
      this.#timer = setTimeout(() => void this.#lookAgain(), LOOK_EVERY_MS)
    }
  }

  async #look(): Promise<void> {
    if (this.#looks % LOOKS_PER_LIST === 0) await this.#list()
    else this.#readMembers()
    this.#looks += 1
    const resident = this.#resident
    this.#peakBytes = Math.max(this.#peakBytes, resident)
    this.#series = withLook(this.#series, performance.now() - this.#start, resident)
    for (const [over, limit] of this.#limits) if (resident >= limit) over.abort()
  }

  get #resident(): number {
    return this.#members.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
  }

  async #list(): Promise<void> {
    this.#members = treeOf(this.#group, await listProcesses())
    await this.#oom.follow(this.#members.map(({ pid }) => pid))
  }

  #readMembers(): void {
    const entries = this.#members.map(({ pid }) => readProcess(pid))
    this.#members = entries.filter((entry) => entry !== undefined)
  }
}
