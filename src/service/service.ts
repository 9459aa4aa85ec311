import type { BuildInfo } from './build-info.ts'
import type { Resources } from './process-tree.ts'
import type { RunFailure } from './run-failure.ts'
import type { ServiceExit } from './service-process.ts'
import type { Watch } from './watch.ts'

/** The service under test, whoever started it. */
export interface Service {
  /** Fulfilled when its command has ended; never, where we did not start it. Never rejects. */
  readonly exited: Promise<ServiceExit>
  /** The failure that such an end is; `when` goes on from it: `before it was ready`. */
  readonly exitFailure: (exit: ServiceExit, when: string) => Promise<RunFailure>
  /** The end of its output; empty where it is not ours to see. */
  readonly lastLines: () => string
  /** Absent where we did not start it: then its processes are not known. */
  readonly processes: ServiceProcesses | undefined
  /**
   * Ends it, where we started it, within `graceMs`; sooner when `hurry` fires.
   *
   * @throws HeapgateError when something can't be killed.
   */
  readonly stop: (graceMs: number, hurry: AbortSignal) => Promise<void>
}

/** What the system tells of the processes of a service. */
export interface ServiceProcesses {
  readonly watch: Watch
  readonly resources: () => Promise<Resources>
  readonly buildInfo: () => Promise<BuildInfo | undefined>
}
