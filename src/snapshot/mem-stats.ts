/** What a look at the service needs of `runtime.MemStats`, read after a forced collection. */
export interface MemStats {
  /** Bytes of live objects: exact. */
  readonly heapAlloc: number
  /** Live objects: exact. */
  readonly heapObjects: number
  /** Bytes allocated since the process began, kept or not: it never falls. */
  readonly totalAlloc: number
  /** Bytes in goroutine stacks, which no heap profile shows. */
  readonly stackInuse: number
  /** Bytes that the runtime holds from the system: heap, stacks and its own. */
  readonly goMemory: number
  /** Collections that the service's own work caused. */
  readonly gcCount: number
  /** Share of the CPU time since the start that collections took. */
  readonly gcCpuFraction: number
}

/**
 * Reads the end of `heap?debug=1`, the text that runtime/pprof writes after the profile; see
 * `writeHeapInternal` in Go's src/runtime/pprof/pprof.go. `undefined` when the text is no such
 * profile.
 */
export function parseMemStats(text: string): MemStats | undefined {
  const start = text.lastIndexOf('# runtime.MemStats')
  if (start < 0) return undefined
  const tail = text.slice(start)
  const read = (name: string): number => {
    const value = new RegExp(`^# ${name} = (\\d[\\d.e+-]{0,24})`, 'm').exec(tail)?.[1]
    return value === undefined ? NaN : Number(value)
  }
  const stats: MemStats = {
    heapAlloc: read('HeapAlloc'),
    heapObjects: read('HeapObjects'),
    totalAlloc: read('TotalAlloc'),
    stackInuse: read('Stack'),
    goMemory: read('Sys') - read('HeapReleased'),
    gcCount: read('NumGC') - read('NumForcedGC'),
    gcCpuFraction: read('GCCPUFraction'),
  }
  const isExact = (value: number): boolean => Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return Object.values(stats).every(isExact) ? stats : undefined
}
