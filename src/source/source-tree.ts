import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathInRoot } from './workspace.ts'

/** The source files of a repository, by the names that a profile has for them. */
export interface SourceTree {
  /** The path in the repository, with slashes; `undefined` for code from elsewhere. */
  readonly pathOf: (file: string) => string | undefined
}

/** Directories and go.mod files that are looked at; a repository with more is looked at in part. */
const MAX_DIRECTORIES = 5000
const SKIPPED = /^(\.|node_modules$|vendor$|testdata$)/

/**
 * Opens the repository at `root`. A file is found by its absolute path, or, in a binary built with
 * -trimpath, by the module of a go.mod in the repository: `example.com/shop/cart/cart.go`.
 */
export function openSourceTree(root: string): SourceTree {
  const known = new Map<string, string | undefined>()
  let modules: readonly Module[] | undefined
  const find = (file: string): string | undefined => {
    const path = pathInRoot(root, file)
    if (path !== undefined || file.startsWith('/')) return path
    modules ??= modulesIn(root)
    const module = modules.find(({ name }) => file.startsWith(`${name}/`))
    return module === undefined ? undefined : join(module.directory, file.slice(module.name.length))
  }
  return {
    pathOf: (file) => {
      if (!known.has(file)) known.set(file, find(file))
      return known.get(file)
    },
  }
}

interface Module {
  readonly name: string
  /** Relative to the root. */
  readonly directory: string
}

/** The modules of a repository, the longest name first. */
function modulesIn(root: string): readonly Module[] {
  const found: Module[] = []
  const waiting = ['']
  for (let looked = 0; looked < MAX_DIRECTORIES; looked++) {
    const directory = waiting.shift()
    if (directory === undefined) break
    for (const entry of entriesOf(join(root, directory))) {
      const path = join(directory, entry.name)
      if (entry.isDirectory() && !SKIPPED.test(entry.name)) waiting.push(path)
      if (entry.isFile() && entry.name === 'go.mod') {
        const name = moduleName(join(root, path))
        if (name !== undefined) found.push({ name, directory: dirname(path) })
      }
    }
  }
  return found.sort((a, b) => b.name.length - a.name.length)
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}

function moduleName(goMod: string): string | undefined {
  try {
    return /^module\s+"?([^\s"]+)/m.exec(readFileSync(goMod, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}
