import type { Progress } from './progress.ts'
import type { Timing } from './verdict/measurement.ts'

/** The stages of a run: told as they begin, timed as they end. */
export class Stages {
  readonly #progress: Progress
  readonly #spent = new Map<string, number>()
  #current = 'start'

  constructor(progress: Progress) {
    this.#progress = progress
  }

  /** What the run is doing, in words. */
  get current(): string {
    return this.#current
  }

  /** Tells what begins now: `warm-up`, `round 2 of 5`. */
  begin(name: string): void {
    this.#current = name
    this.#progress.stage(name)
  }

  /** Runs `work` and counts its time for `kind`, whether it ends well or not. */
  async time<T>(kind: string, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      return await work()
    } finally {
      this.#spent.set(kind, (this.#spent.get(kind) ?? 0) + performance.now() - start)
    }
  }

  /** The time of each kind of work, in the order in which they first ran. */
  timings(): Timing[] {
    return [...this.#spent].map(([stage, durationMs]) => ({ stage, durationMs }))
  }
}
