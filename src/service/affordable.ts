import { readFile } from 'node:fs/promises'
import { freemem } from 'node:os'

/** Share of the machine's free memory that a service may take at the most. */
const SHARE_OF_FREE = 0.8

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
