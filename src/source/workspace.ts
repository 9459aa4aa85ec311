import { realpath, stat, readFile } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'

/** A source file larger than this is generated, and no reader misses it. */
const MAX_SOURCE_BYTES = 4 * 2 ** 20

/** The files of a repository: the only ones whose lines a report may show. */
export interface Workspace {
  /** The path below the root, with slashes, of a file named by a profile; `undefined` outside. */
  readonly pathOf: (file: string) => Promise<string | undefined>
  /** The lines of a file below the root; `undefined` when it can't be shown. */
  readonly readLines: (path: string) => Promise<readonly string[] | undefined>
}

/** Opens the directory `root`. Symbolic links are resolved before anything is read. */
export async function openWorkspace(root: string): Promise<Workspace> {
  const realRoot = await realpath(root)
  const inside = async (file: string): Promise<string | undefined> => {
    const real = await realpath(file).catch(() => undefined)
    if (real === undefined) return undefined
    const path = relative(realRoot, real)
    return path === '' || path.startsWith('..') || isAbsolute(path) ? undefined : path
  }
  return {
    pathOf: async (file) =>
      isAbsolute(file) ? (await inside(file))?.split(sep).join('/') : undefined,
    readLines: async (path) => {
      const file = join(realRoot, path)
      if ((await inside(file)) === undefined) return undefined
      const facts = await stat(file).catch(() => undefined)
      if (facts?.isFile() !== true || facts.size > MAX_SOURCE_BYTES) return undefined
      return (await readFile(file, 'utf8')).split(/\r?\n/)
    },
  }
}
