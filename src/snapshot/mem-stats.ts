/** What a look at the heap needs of `runtime.MemStats`, read after a forced collection. */
export interface MemStats {
  /** Bytes of live objects: exact. */
  readonly heapAlloc: number
  /** Live objects: exact. */
  readonly heapObjects: number
}

/**
 * Reads the end of `heap?debug=1`, the text that runtime/pprof writes after the profile; see
 * `writeHeapInternal` in Go's src/runtime/pprof/pprof.go. `undefined` when the text is no such
 * profile.
 */
export function parseMemStats(text: string): MemStats | undefined {
  const start = text.lastIndexOf('# runtime.MemStats')
  if (start < 0) return undefined
  const read = (name: string): number | undefined => {
    const digits = new RegExp(`^# ${name} = (\\d{1,15})$`, 'm').exec(text.slice(start))?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
  const heapAlloc = read('HeapAlloc')
  const heapObjects = read('HeapObjects')
  return heapAlloc === undefined || heapObjects === undefined
    ? undefined
    : { heapAlloc, heapObjects }
}
