import { readFile } from 'node:fs/promises'
import { freemem } from 'node:os'
import { residentBytesOf } from './process-tree.ts'

const LOOK_EVERY_MS = 50
/** Share of the machine's free memory that a service may take at the most. */
const SHARE_OF_FREE = 0.8

export interface MemoryGuard {
  /** Fires once the service is over the limit. */
  readonly signal: AbortSignal
  readonly stop: () => void
}

/** Watches the resident memory of a service's processes; `limit` is in bytes. */
export function guardMemory(group: number, limit: number): MemoryGuard {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    // A look that fails, as without a free file descriptor, is tried again.
    const resident = await residentBytesOf(group).catch(() => 0)
    if (resident >= limit) over.abort()
    else if (timer !== undefined) timer = setTimeout(() => void look(), LOOK_EVERY_MS)
  }
  timer = setTimeout(() => void look(), 0)
  return {
    signal: over.signal,
    stop: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

/** The limit asked for, or less where the machine or its control group has not that much free. */
export async function affordable(limit: number): Promise<number> {
  return Math.min(limit, Math.floor(SHARE_OF_FREE * (await freeBytes())))
}

async function freeBytes(): Promise<number> {
  const [max, current] = await Promise.all(
    ['memory.max', 'memory.current'].map((name) =>
      readFile(`/sys/fs/cgroup/${name}`, 'utf8').catch(() => ''),
    ),
  )
  const inGroup = Number(max) - Number(current)
  const free = await availableBytes()
  return Number.isFinite(inGroup) && Number(max) > 0 ? Math.min(free, inGroup) : free
}

/** Memory that can be had without swapping; on Linux more than what `freemem` calls free. */
async function availableBytes(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  return kib === undefined ? freemem() : Number(kib) * 1024
}
