import { execFile } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** One living process, as far as a tree of processes needs it. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly residentBytes: number
  /** Threads of the process; 1 where the system does not tell. */
  readonly threads: number
}

/** All living processes: from /proc where there is one, else from `ps`. Zombies are left out. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  if (process.platform !== 'linux') return listByPs()
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const entries = names.map((name) => readProcess(Number(name)))
  return entries.filter((entry) => entry !== undefined)
}

/** One process from /proc, or `undefined` when it is gone. Format: proc(5), `/proc/pid/stat`. */
export function readProcess(pid: number): ProcessEntry | undefined {
  const fields = readStat(pid)
  if (fields === undefined) return undefined
  const [state, parent, group] = fields
  if (state === 'Z' || state === 'X') return undefined
  const pages = Number(fields[21])
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    residentBytes: pages * pageBytes(),
    threads: Number(fields[17]),
  }
}

let knownPageBytes: number | undefined

/** The page size that /proc counts in: 4 KiB mostly, 16 or 64 KiB on some arm64 kernels. */
function pageBytes(): number {
  knownPageBytes ??= readPageBytes()
  return knownPageBytes
}

/** From our own auxiliary vector, pairs of words: getauxval(3), AT_PAGESZ. */
function readPageBytes(): number {
  const AT_PAGESZ = 6n
  const vector = readFileSync('/proc/self/auxv')
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8))
  }
  return 4096
}

/** Kernel clock ticks a second that /proc counts in: always 100 on Linux (time(7), USER_HZ). */
const TICKS_PER_S = 100

/** Milliseconds since a process began, where /proc tells. Format: proc(5), `starttime`. */
export async function uptimeOf(pid: number): Promise<number | undefined> {
  const started = readStat(pid)?.[19]
  const uptime = await readFile('/proc/uptime', 'latin1').catch(() => '')
  const now = /^\d+\.\d+/.exec(uptime)?.[0]
  if (started === undefined || now === undefined) return undefined
  return 1000 * (Number(now) - Number(started) / TICKS_PER_S)
}

/** Longer than any line of `/proc/pid/stat`. */
const statBuffer = Buffer.alloc(4096)

/**
 * The fields of a process's stat from its state on.
 *
 * In one read into the same buffer, many times a second while the load goes on: `readFile` takes
 * 64 KiB for each process, most of the gate's CPU time, and memory that the allocator keeps.
 */
function readStat(pid: number): readonly string[] | undefined {
  try {
    const file = openSync(`/proc/${pid.toString()}/stat`, 'r')
    try {
      const stat = statBuffer.toString('latin1', 0, readSync(file, statBuffer))
      // The second field is the command in parentheses and may hold anything, parentheses too.
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

async function listByPs(): Promise<readonly ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,pgid=,rss=,stat='])
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group, kib, state] = line.trim().split(/\s+/)
    if (kib === undefined || state?.startsWith('Z') === true) return []
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        residentBytes: Number(kib) * 1024,
        threads: 1,
      },
    ]
  })
}

/** The processes of a group and all that descend from them. */
export function treeOf(group: number, all: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const members = new Set(all.filter((entry) => entry.group === group).map(({ pid }) => pid))
  for (let before = -1; before !== members.size;) {
    before = members.size
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid)
  }
  return all.filter(({ pid }) => members.has(pid))
}

/** What the system says of a service. */
export interface Resources {
  readonly residentBytes: number
  readonly threads: number
}

/** Resident memory and threads of the tree of a process group. */
export async function resourcesOf(group: number): Promise<Resources> {
  const tree = treeOf(group, await listProcesses())
  return {
    residentBytes: tree.reduce((sum, entry) => sum + entry.residentBytes, 0),
    threads: tree.reduce((sum, entry) => sum + entry.threads, 0),
  }
}

/**
 * The living processes that were started with `NAME=value` in their environment, wherever they are
 * in the tree; none where there is no /proc. At once, so that it can be asked while we exit.
 */
export function processesWith(variable: string): readonly number[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => environmentOf(pid).includes(`\0${variable}\0`)).map(Number)
}

/** The environment that a process was started with; empty when it is gone or not ours to see. */
function environmentOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`
  } catch {
    return ''
  }
}

/**
 * Sends a signal, to a group where the number is negative. A process that is gone is what we want;
 * `stop` tells of one that is not ours.
 */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
