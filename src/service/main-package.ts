import { existsSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { goCommand, type GoCommandOptions } from './go-command.ts'
import { RunFailure } from './run-failure.ts'

/** A package main of the user's, as the go command knows it. */
export interface MainPackage {
  readonly importPath: string
  /** Its directory, by every name that the go command may have for it: absolute paths. */
  readonly directories: readonly string[]
}

export interface WantedPackage {
  /** As given: a directory, or an import path. */
  readonly name: string
  /** Where `build` is run, which a directory is relative to: absolute. */
  readonly directory: string
  /** The environment of the build. */
  readonly environment: Readonly<Record<string, string>>
}

/** Loading a module for the first time may fetch a toolchain. */
const TIMEOUT_MS = 120_000
const LISTING_TIMEOUT_MS = 20_000
const LISTED_PACKAGES = 10

/**
 * Finds the package that `instrument` names. A directory is looked at from inside of it, so that it
 * may be in a module or a workspace of its own.
 *
 * @throws RunFailure `instrument-failed` with the main packages that there are, when the one wanted
 * does not exist or is no package main.
 */
export async function findMainPackage(
  wanted: WantedPackage,
  signal: AbortSignal,
): Promise<MainPackage> {
  const directory = directoryOf(wanted)
  if (directory !== undefined && !isDirectory(directory)) {
    throw await notMain(wanted, `There is no package \`${wanted.name}\``, signal)
  }
  const go = { environment: wanted.environment, timeoutMs: TIMEOUT_MS, signal }
  const answer = await goCommand(
    // -find: its imports are not looked at, which could need the network.
    ['list', '-find', '-e', '-json', '--', directory === undefined ? wanted.name : '.'],
    { ...go, directory: directory ?? wanted.directory },
  )
  const found = answer.ok ? readPackage(answer.stdout) : undefined
  if (found === undefined) {
    throw new RunFailure('instrument-failed', `go list can’t read \`${wanted.name}\`.`, {
      hint: 'Does `go build` work there by hand?',
      log: answer.stderr.trim(),
    })
  }
  const { Dir, ImportPath, Name, Error: problem, IgnoredGoFiles } = found
  // Build tags of the user's own command can still make a package of files left out so far.
  const isTagged = Name === undefined && (IgnoredGoFiles?.length ?? 0) > 0
  if (Dir === undefined || (Name === undefined && !isTagged)) {
    const why = problem === undefined ? '' : `: ${problem.Err}`
    throw await notMain(wanted, `There is no package \`${wanted.name}\`${why}`, signal)
  }
  if (!isTagged && Name !== 'main') {
    throw await notMain(wanted, `\`${wanted.name}\` is package ${Name ?? ''}, not main`, signal)
  }
  return {
    importPath: ImportPath,
    directories: spellings([Dir, directory ?? Dir], wanted.environment['PWD']),
  }
}

const listedPackage = z.object({
  Dir: z.string().optional(),
  ImportPath: z.string(),
  Name: z.string().optional(),
  Error: z.object({ Err: z.string() }).optional(),
  IgnoredGoFiles: z.array(z.string()).optional(),
})

function readPackage(json: string): z.infer<typeof listedPackage> | undefined {
  try {
    return listedPackage.parse(JSON.parse(json))
  } catch {
    return undefined
  }
}

/** The directory that a name stands for; `undefined` when it can only be an import path. */
function directoryOf({ name, directory }: WantedPackage): string | undefined {
  const path = resolve(directory, name)
  return /^\.{0,2}(\/|$)/.test(name) || existsSync(path) ? path : undefined
}

/**
 * Directories with and without their symbolic links resolved: the go command matches the files of an
 * overlay by name, and takes the name of its own directory from $PWD where that is right.
 */
function spellings(directories: readonly string[], pwd: string | undefined): readonly string[] {
  const names = [...directories, ...directories.map((directory) => realpathSync(directory))]
  const root = pwd === undefined || !isDirectory(pwd) ? undefined : realpathSync(pwd)
  const byPwd = names.flatMap((name) => {
    if (pwd === undefined || root === undefined) return []
    const inside = relative(root, name)
    const isOutside = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)
    return isOutside ? [] : [join(pwd, inside)]
  })
  return [...new Set([...names, ...byPwd])]
}

/** @param what a sentence without its full stop */
async function notMain(
  wanted: WantedPackage,
  what: string,
  signal: AbortSignal,
): Promise<RunFailure> {
  const mains = await mainPackages({ ...wanted, timeoutMs: LISTING_TIMEOUT_MS, signal })
  const more = mains.length - LISTED_PACKAGES
  const list = mains.slice(0, LISTED_PACKAGES).join(', ') + (more > 0 ? ` and ${more} more` : '')
  return new RunFailure('instrument-failed', `${what}.`, {
    hint: `\`instrument\` takes the package main that build compiles, relative to working-directory. ${
      mains.length === 0 ? `The go command finds none there.` : `Main packages there: ${list}.`
    }`,
  })
}

/** The main packages of the module or the workspace around a directory, as `./cmd/server`. */
async function mainPackages(go: GoCommandOptions): Promise<readonly string[]> {
  const modules = linesOf(await goCommand(['list', '-m', '-f', '{{.Dir}}'], go))
  if (modules.length === 0) return []
  const format = '{{if eq .Name "main"}}{{.Dir}}{{end}}'
  const all = modules.map((directory) => `${directory}/...`)
  const answer = await goCommand(['list', '-find', '-e', '-f', format, '--', ...all], go)
  const root = realpathSync(go.directory)
  return linesOf(answer).map((directory) => {
    const path = relative(root, realpathSync(directory))
    return path.startsWith('..') ? path : path === '' ? '.' : `./${path}`
  })
}

function linesOf({ ok, stdout }: { readonly ok: boolean; readonly stdout: string }): string[] {
  return ok ? stdout.split('\n').filter((line) => line !== '') : []
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
