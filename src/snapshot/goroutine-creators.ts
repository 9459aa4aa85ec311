/** The `go` statement that started goroutines. */
export interface Creator {
  readonly function: string
  readonly file: string
  readonly line: number
}

/**
 * The end of each goroutine in a dump: its first function, and what created it. Go 1.21 and newer
 * add the number of the creating goroutine; see `printcreatedby` in Go's src/runtime/traceback.go.
 */
const END_OF_GOROUTINE =
  /^(.+)\([^()\n]*\)\n\t[^\n]*\ncreated by (.+?)(?: in goroutine \d+)?\n\t([^\n]+?):(\d+)/gm

/**
 * Who starts goroutines, by the function that they run: read from `goroutine?debug=2`, for the
 * profile itself does not tell. Where one function is started from several places, the one that
 * started most of those in the dump.
 */
export function parseCreators(dump: string): ReadonlyMap<string, Creator> {
  const counts = new Map<string, { readonly creator: Creator; readonly count: number }>()
  const best = new Map<string, { readonly creator: Creator; readonly count: number }>()
  for (const [, entry = '', creator = '', file = '', line = ''] of dump.matchAll(
    END_OF_GOROUTINE,
  )) {
    const key = `${entry}\0${creator}\0${file}:${line}`
    const seen = {
      creator: { function: creator, file, line: Number(line) },
      count: (counts.get(key)?.count ?? 0) + 1,
    }
    counts.set(key, seen)
    if (seen.count > (best.get(entry)?.count ?? 0)) best.set(entry, seen)
  }
  return new Map([...best].map(([entry, { creator }]) => [entry, creator]))
}
