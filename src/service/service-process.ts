import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { listProcesses, treeOf } from './process-tree.ts'
import { ServiceLog } from './service-log.ts'

/** How a service ended: its exit status, or the signal that killed it. */
export type ServiceExit =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }

export interface StartOptions {
  readonly command: string
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
}

/** Groups that must not outlive us, whatever ends us. */
const livingGroups = new Set<number>()
process.on('exit', () => {
  for (const group of livingGroups) signalGroup(group, 'SIGKILL')
})

/** The command of the user in a process group of its own: started, watched, stopped. */
export class ServiceProcess {
  readonly group: number
  readonly log: ServiceLog
  /** Resolves when the command has ended; never rejects. */
  readonly exited: Promise<ServiceExit>
  #exit: ServiceExit | undefined

  private constructor(group: number, log: ServiceLog, exited: Promise<ServiceExit>) {
    this.group = group
    this.log = log
    this.exited = exited
    void exited.then((exit) => {
      this.#exit = exit
    })
  }

  /**
   * Starts the command line by a shell, as a workflow step would.
   *
   * @throws the system's error when not even the shell can be started, as in a directory that does
   * not exist.
   */
  static async start(options: StartOptions): Promise<ServiceProcess> {
    const child = spawn(shell(), ['-c', options.command], {
      cwd: options.directory,
      env: options.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = new Promise<ServiceExit>((resolve) => {
      child.once('exit', (status, signal) => {
        resolve(
          signal === null
            ? { kind: 'status', status: status ?? 0 }
            : { kind: 'signal', signal: signal },
        )
      })
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    const group = child.pid
    if (group === undefined) throw new Error('the shell started without a process id')
    livingGroups.add(group)
    const log = new ServiceLog(options.logFile)
    const write = (chunk: Buffer): void => {
      log.write(chunk)
    }
    child.stdout.on('data', write)
    child.stderr.on('data', write)
    return new ServiceProcess(group, log, exited)
  }

  /** How the command ended, if it has. */
  get exit(): ServiceExit | undefined {
    return this.#exit
  }

  /** SIGTERM to the whole tree, `graceMs` to end, then SIGKILL. Returns when nothing is left. */
  async stop(graceMs: number): Promise<void> {
    const deadline = Date.now() + graceMs
    await this.#signalTree('SIGTERM')
    while (await this.#isAlive()) {
      if (Date.now() >= deadline) await this.#signalTree('SIGKILL')
      await sleep(20)
    }
    livingGroups.delete(this.group)
    await this.log.close()
  }

  async #signalTree(signal: NodeJS.Signals): Promise<void> {
    const tree = treeOf(this.group, await listProcesses())
    signalGroup(this.group, signal)
    for (const { pid, group } of tree) if (group !== this.group) signalProcess(pid, signal)
  }

  async #isAlive(): Promise<boolean> {
    return treeOf(this.group, await listProcesses()).length > 0
  }
}

/** The shell of a workflow step, or the one that every system has. */
export function shell(): string {
  return existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'
}

/** Words for an end: `exited with status 2`, `was killed by SIGKILL`. */
export function describeExit(exit: ServiceExit): string {
  return exit.kind === 'status'
    ? `exited with status ${exit.status.toString()}`
    : `was killed by ${exit.signal}`
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  signalProcess(-group, signal)
}

/** Sends a signal; a process that is gone already is what we want. */
function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
