import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A control group with a limit of memory. */
export interface MemoryCgroup {
  /** Shell that moves itself into the group. */
  readonly enter: string
  /** Takes the group away; it must be empty. */
  readonly remove: () => void
}

const V1 = '/sys/fs/cgroup/memory'
const V2 = '/sys/fs/cgroup'

/** Makes a control group of `bytes`; `undefined` where this user or this machine may not. */
export function memoryCgroup(bytes: number): MemoryCgroup | undefined {
  const v1 = existsSync(join(V1, 'memory.limit_in_bytes'))
  const group = join(v1 ? V1 : V2, `heapgate-test-${randomUUID()}`)
  try {
    mkdirSync(group)
  } catch {
    return undefined
  }
  const remove = (): void => {
    rmdirSync(group)
  }
  try {
    writeFileSync(join(group, v1 ? 'memory.limit_in_bytes' : 'memory.max'), bytes.toString())
    return { enter: `echo $$ > ${join(group, 'cgroup.procs')}`, remove }
  } catch {
    remove()
    return undefined
  }
}
