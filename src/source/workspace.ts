import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'

/** Larger files are not shown: a source file of this size is generated or no source at all. */
const MAX_SOURCE_BYTES = 8 * 2 ** 20

export type SourceRead =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  /** `reason` completes "can't show FILE: …". */
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * The lines of a file inside `root`. A profile names its files itself, and may come from anywhere:
 * only a regular file is read, only when it is inside the root once symbolic links are resolved,
 * and only up to 8 MiB.
 */
export function readSourceLines(root: string, path: string): SourceRead {
  if (path.includes('\0')) return refused('its name holds a NUL')
  let real: string
  try {
    const realRoot = realpathSync(root)
    real = realpathSync(isAbsolute(path) ? path : join(realRoot, path))
    if (!isInside(realRoot, real)) return refused(`it is outside of ${root}`)
  } catch {
    return refused('there is no such file')
  }
  return readLines(real)
}

function readLines(file: string): SourceRead {
  let descriptor: number
  try {
    // Opening a named pipe would wait for its writer.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return refused('it can’t be opened')
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return refused('it is no regular file')
    if (stat.size > MAX_SOURCE_BYTES) return refused(`it has ${stat.size} bytes`)
    const bytes = Buffer.alloc(stat.size)
    const length = readSync(descriptor, bytes)
    const lines = bytes.toString('utf8', 0, length).split(/\r?\n/)
    if (lines.at(-1) === '') lines.pop()
    return { kind: 'lines', lines }
  } finally {
    closeSync(descriptor)
  }
}

function refused(reason: string): SourceRead {
  return { kind: 'refused', reason }
}

function isInside(root: string, path: string): boolean {
  const inside = relative(root, path)
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

/**
 * The path of a profile's file relative to the root, with forward slashes, as GitHub and a browser
 * want it. `undefined` when the file is outside, or when its name does not tell: after `-trimpath`
 * Go names files by module, not by directory.
 */
export function pathInRoot(root: string, file: string): string | undefined {
  if (!isAbsolute(file)) return undefined
  for (const base of new Set([root, realPath(root)])) {
    if (isInside(base, file)) return relative(base, file).split(sep).join('/')
  }
  return undefined
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
