import { readdirSync, readlinkSync } from 'node:fs'
import { processesWith } from './process-tree.ts'

/** What tells the processes of a run, wherever they went: a daemon leaves its group and its parent. */
export interface Marks {
  /** `NAME=value` in the environment of all that descends from the command. */
  readonly variable: string
  /** What the command writes to, such as `socket:[123]`: even a cleared environment leaves it open. */
  readonly outputs: readonly string[]
}

/** The living processes that carry one of the marks. At once, so that it can be asked while we exit. */
export function processesMarked({ variable, outputs }: Marks): readonly number[] {
  return [...new Set([...processesWith(variable), ...processesHolding(outputs)])]
}

/** Where a process that was just started writes to, where /proc tells: its pipes and sockets. */
export function outputsOf(pid: number): readonly string[] {
  const links = [1, 2].map((descriptor) =>
    targetOf(`/proc/${pid.toString()}/fd/${descriptor.toString()}`),
  )
  return links.filter((link) => /^(pipe|socket):\[\d+\]$/.test(link))
}

/** The processes that have one of these open; our own end of a socket is another. */
function processesHolding(outputs: readonly string[]): readonly number[] {
  if (process.platform !== 'linux' || outputs.length === 0) return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids
    .filter((pid) => openBy(pid).some((link) => outputs.includes(link)))
    .map(Number)
    .filter((pid) => pid !== process.pid)
}

/** What a process has open; nothing when it is gone or not ours to see. */
function openBy(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => targetOf(`/proc/${pid}/fd/${name}`))
  } catch {
    return []
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
