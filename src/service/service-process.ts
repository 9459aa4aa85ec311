import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { HeapgateError } from '../errors.ts'
import { type Marks, outputsOf, processesMarked } from './marks.ts'
import { listProcesses, type ProcessEntry, signalProcess, treeOf } from './process-tree.ts'
import { makeScratchDirectory, type ScratchDirectory } from './scratch-directory.ts'
import { ServiceLog } from './service-log.ts'

/** How a service ended: its exit status, or the signal that killed it. */
export type ServiceExit =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }

/** What the command prints, as it comes to us. */
interface Output {
  /** Fulfilled when nothing is left that could write more, and all of it was read. */
  readonly ended: Promise<void>
  /** Reads no more: what we can't find or kill may hold it open, and must not keep us. */
  readonly letGo: () => void
}

export interface StartOptions {
  readonly command: string
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
}

/**
 * The shell of a workflow step, or the one that every system has: the first command that fails ends
 * it, so that no build that failed counts as done.
 */
const SHELL: readonly [path: string, ...flags: string[]] = existsSync('/bin/bash')
  ? ['/bin/bash', '-e', '-o', 'pipefail']
  : ['/bin/sh', '-e']

/** How long a process may live on after SIGKILL. */
const KILL_MS = 5000
/** How long the last output may take to come, once nothing is left that could write more. */
const OUTPUT_MS = 500
/**
 * What is left of the grace once somebody is in a hurry: a cancelled workflow sends SIGINT, after
 * 7.5 s SIGTERM, and 2.5 s later nothing is left of us (GitHub, "Workflow cancellation reference").
 */
const HURRIED_MS = 3000

/** Runs that must not outlive us, whatever ends us: their groups, and the marks of each. */
const livingRuns = new Map<number, Marks>()
process.on('exit', () => {
  for (const [group, marks] of livingRuns) {
    signalProcess(-group, 'SIGKILL')
    for (const pid of processesMarked(marks)) signalProcess(pid, 'SIGKILL')
  }
})

/** The command of the user in a process group of its own: started, watched, stopped. */
export class ServiceProcess {
  readonly group: number
  readonly log: ServiceLog
  /** Resolves when the command has ended; never rejects. */
  readonly exited: Promise<ServiceExit>
  readonly #marks: Marks
  readonly #output: Output
  /** For what the go command builds on the way. */
  readonly #scratch: ScratchDirectory
  #exit: ServiceExit | undefined

  private constructor(
    group: number,
    log: ServiceLog,
    run: {
      exited: Promise<ServiceExit>
      marks: Marks
      output: Output
      scratch: ScratchDirectory
    },
  ) {
    this.group = group
    this.log = log
    this.exited = run.exited
    this.#marks = run.marks
    this.#output = run.output
    this.#scratch = run.scratch
    void run.exited.then((exit) => {
      this.#exit = exit
    })
  }

  /**
   * Starts the command line by a shell, as a workflow step with `shell: bash` would.
   *
   * @throws the system's error when not even the shell can be started, as in a directory that does
   * not exist.
   */
  static async start(options: StartOptions): Promise<ServiceProcess> {
    const id = randomUUID()
    const scratch = await makeScratchDirectory()
    const [shell, ...flags] = SHELL
    const child = spawn(shell, [...flags, '-c', options.command], {
      cwd: options.directory,
      // What `go run` built it leaves where it is when it is told to end.
      env: { GOTMPDIR: scratch.path, ...options.environment, HEAPGATE_RUN: id },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Before the shell can have sent its output elsewhere, or ended.
    const outputs = child.pid === undefined ? [] : outputsOf(child.pid)
    const exited = new Promise<ServiceExit>((resolve) => {
      child.once('exit', (status, signal) => {
        resolve(
          signal === null ? { kind: 'status', status: status ?? 0 } : { kind: 'signal', signal },
        )
      })
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    }).catch((error: unknown) => {
      scratch.remove()
      throw error
    })
    const output: Output = {
      ended: new Promise((resolve) => {
        child.once('close', () => {
          resolve()
        })
      }),
      letGo: () => {
        child.stdout.destroy()
        child.stderr.destroy()
        child.unref()
      },
    }
    const group = child.pid
    if (group === undefined) throw new Error('the shell started without a process id')
    const marks = { variable: `HEAPGATE_RUN=${id}`, outputs }
    livingRuns.set(group, marks)
    const log = new ServiceLog(options.logFile)
    const write = (chunk: Buffer): void => {
      log.write(chunk)
    }
    child.stdout.on('data', write)
    child.stderr.on('data', write)
    return new ServiceProcess(group, log, { exited, marks, output, scratch })
  }

  /** How the command ended, if it has. */
  get exit(): ServiceExit | undefined {
    return this.#exit
  }

  /**
   * SIGTERM to all that the command started, `graceMs` to end, or less from the moment when `hurry`
   * fires, then SIGKILL. Returns when nothing is left.
   *
   * @throws HeapgateError when something can't be killed, as what runs for another user.
   */
  async stop(graceMs: number, hurry?: AbortSignal): Promise<void> {
    try {
      await this.#endAll(graceMs, hurry)
      livingRuns.delete(this.group)
    } finally {
      await Promise.race([this.#output.ended, sleep(OUTPUT_MS, undefined, { ref: false })])
      this.#output.letGo()
      await this.log.close()
      this.#scratch.remove()
    }
  }

  async #endAll(graceMs: number, hurry: AbortSignal | undefined): Promise<void> {
    let deadline = Date.now() + graceMs
    let hurried = false
    await this.#signalAll('SIGTERM')
    for (let left: readonly number[]; (left = await this.#living()).length > 0;) {
      if (!hurried && hurry?.aborted === true) {
        hurried = true
        deadline = Math.min(deadline, Date.now() + HURRIED_MS)
      }
      if (Date.now() >= deadline + KILL_MS) throw unstoppable(left)
      if (Date.now() >= deadline) await this.#signalAll('SIGKILL')
      await sleep(20)
    }
  }

  async #signalAll(signal: NodeJS.Signals): Promise<void> {
    const tree = await this.#tree()
    signalProcess(-this.group, signal)
    const outside = tree.filter(({ group }) => group !== this.group).map(({ pid }) => pid)
    const members = new Set(tree.map(({ pid }) => pid))
    const strays = processesMarked(this.#marks).filter((pid) => !members.has(pid))
    for (const pid of [...outside, ...strays]) signalProcess(pid, signal)
  }

  async #living(): Promise<readonly number[]> {
    const tree = await this.#tree()
    return tree.length > 0 ? tree.map(({ pid }) => pid) : processesMarked(this.#marks)
  }

  async #tree(): Promise<readonly ProcessEntry[]> {
    return treeOf(this.group, await listProcesses())
  }
}

function unstoppable(pids: readonly number[]): HeapgateError {
  return new HeapgateError(`The service can't be stopped; still running: ${pids.join(', ')}.`, {
    hint: 'Kill these processes by hand, and let `run` start the service as the same user.',
  })
}

/** Words for an end: `exited with status 2`, `was killed by SIGKILL`. */
export function describeExit(exit: ServiceExit): string {
  return exit.kind === 'status'
    ? `exited with status ${exit.status.toString()}`
    : `was killed by ${exit.signal}`
}
