import { readFile } from 'node:fs/promises'
import { freemem } from 'node:os'
import { freeBytesIn, type MemoryGroup } from './control-group.ts'

/** Share of the memory that there is for a service that it may take at the most. */
const SHARE = 0.8

/**
 * The resident bytes that a service may have: the limit asked for, or less where the machine or its
 * control groups have not that much free. Then the load stops before the kernel kills.
 *
 * @param resident what it has now
 */
export async function affordable(
  limit: number,
  resident: number,
  groups: readonly MemoryGroup[],
): Promise<number> {
  const free = await Promise.all([availableBytes(), ...groups.map(freeBytesIn)])
  return Math.min(limit, Math.floor(SHARE * (resident + Math.min(...free))))
}

/** Memory that can be had without swapping; on Linux more than what `freemem` calls free. */
async function availableBytes(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  return kib === undefined ? freemem() : Number(kib) * 1024
}
