import { type FileHandle, open, readlink } from 'node:fs/promises'
import { listProcesses, treeOf } from './process-tree.ts'

/** What a Go binary says of itself. */
export interface BuildInfo {
  readonly goVersion: string
  /** Path of the main module; absent when it was built from files outside a module. */
  readonly mainModule: string | undefined
  /** Import path of package main; `command-line-arguments` when it was built from files. */
  readonly mainPackage: string | undefined
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
/** The header is padded to this; the strings follow it. Go, src/debug/buildinfo/buildinfo.go. */
const HEADER_BYTES = 32
const FLAGS_AT = 15
const INLINE_STRINGS = 2
/** The linker aligns the header; a program that looks for it holds the same bytes elsewhere. */
const ALIGNMENT = 16
const CHUNK_BYTES = 4 * 2 ** 20
const MAX_STRING_BYTES = 2 ** 20

/**
 * Reads the build information that the linker puts into a Go binary (Go 1.18 and newer).
 * `undefined` for other files.
 */
export async function readBuildInfo(path: string): Promise<BuildInfo | undefined> {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const start = await findMagic(file)
    return start === undefined ? undefined : await readStrings(file, start)
  } finally {
    await file.close()
  }
}

/** A Go program that runs. */
export interface Program {
  readonly info: BuildInfo
  readonly pid: number
  /** Processes that run it: more than one where a service forks workers. */
  readonly processes: number
}

/** The Go program of the service among the processes of a group, as behind `go run`. */
export async function programOf(group: number): Promise<Program | undefined> {
  const tree = treeOf(group, await listProcesses())
  const executables = await Promise.all(
    tree.map(({ pid }) => readlink(executable(pid)).catch(() => '')),
  )
  for (const [index, { pid }] of tree.entries()) {
    const info = await readBuildInfo(executable(pid))
    if (info === undefined || isOfToolchain(info)) continue
    const processes = executables.filter((path) => path === executables[index]).length
    return { info, pid, processes }
  }
  return undefined
}

/** The same without its processes. */
export async function buildInfoOf(group: number): Promise<BuildInfo | undefined> {
  return (await programOf(group))?.info
}

const executable = (pid: number): string => `/proc/${pid.toString()}/exe`

/** `go` and what it runs: their packages are `cmd/go`, `cmd/compile`. */
function isOfToolchain({ mainPackage }: BuildInfo): boolean {
  return mainPackage?.startsWith('cmd/') === true
}

async function findMagic(file: FileHandle): Promise<number | undefined> {
  const chunk = Buffer.alloc(CHUNK_BYTES + HEADER_BYTES)
  for (let at = 0; ; at += CHUNK_BYTES) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    const bytes = chunk.subarray(0, bytesRead)
    for (let found = -1; (found = bytes.indexOf(MAGIC, found + 1)) >= 0;) {
      if (found % ALIGNMENT !== 0 || found + HEADER_BYTES > bytesRead) continue
      if (((bytes[found + FLAGS_AT] ?? 0) & INLINE_STRINGS) !== 0) return at + found
    }
    if (bytesRead < chunk.length) return undefined
  }
}

async function readStrings(file: FileHandle, start: number): Promise<BuildInfo | undefined> {
  const bytes = Buffer.alloc(MAX_STRING_BYTES)
  await file.read(bytes, 0, bytes.length, start + HEADER_BYTES)
  const version = readString(bytes, 0)
  if (version === undefined) return undefined
  const modules = readString(bytes, version.end)
  // A mark of 16 bytes stands before the lines, and one behind them.
  const lines = modules?.text.slice(16, -16) ?? ''
  return {
    goVersion: version.text,
    mainModule: /^mod\t([^\t\n]+)/m.exec(lines)?.[1],
    mainPackage: /^path\t([^\t\n]+)/m.exec(lines)?.[1],
  }
}

/** A string behind its length as a varint. */
function readString(bytes: Buffer, at: number): { text: string; end: number } | undefined {
  let length = 0
  let index = at
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[index++] ?? 0
    length |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      const end = index + length
      return end > bytes.length ? undefined : { text: bytes.toString('latin1', index, end), end }
    }
  }
  return undefined
}
