import { basename, isAbsolute, join, resolve } from 'node:path'
import { withoutBuildDirectory } from '../profile/build-path.ts'
import { readSourceLines, type SourceRead } from './workspace.ts'

/**
 * Finds the source of a file that a profile names, the way pprof does from the directory `root`: what
 * follows the root's own name in a path is looked for inside the root, so that a profile from another
 * machine or checkout finds its files too. Unlike pprof it never looks outside of the root.
 */
export function sourceLookup(root: string): (file: string) => SourceRead {
  const directory = resolve(root)
  const known = new Map<string, SourceRead>()
  return (file) => {
    const read = known.get(file) ?? find(directory, file)
    known.set(file, read)
    return read
  }
}

function find(root: string, file: string): SourceRead {
  const trimmed = withoutPrefix(root, file)
  const read = readSourceLines(root, isAbsolute(trimmed) ? trimmed : join(root, trimmed))
  if (read.kind === 'lines') return read
  if (isAbsolute(trimmed)) {
    return { kind: 'refused', reason: `could not show ${trimmed}: ${read.reason}` }
  }
  return { kind: 'refused', reason: `could not find file ${trimmed} on path ${root}` }
}

function withoutPrefix(root: string, file: string): string {
  const wanted = `/${basename(root)}/`
  const at = file.indexOf(wanted)
  if (at >= 0) return file.slice(at + wanted.length)
  return withoutBuildDirectory(file)
}
