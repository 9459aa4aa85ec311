import { cleanPath } from './path.ts'
import type { Profile } from './profile.ts'

/** What one node of a graph stands for; the names are those of pprof's flags. */
export const GRANULARITIES = ['functions', 'filefunctions', 'files', 'lines', 'addresses'] as const

export type Granularity = (typeof GRANULARITIES)[number]

/** What tells the nodes of a graph apart; an attribute that does not count is empty or 0. */
export interface NodeInfo {
  readonly address: bigint
  readonly name: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** 0 unless the function has no name, or binaries are kept apart. */
  readonly startLine: number
  /** `''` unless the function has no name, or binaries are kept apart. */
  readonly objectFile: string
}

/** Nodes of the lines of a profile. Location `i` has those from `start[i]` up to `start[i + 1]`. */
export interface NodeTable {
  readonly infos: readonly NodeInfo[]
  /** As `Locations.lineStart`, but a location without lines has one node, for its address. */
  readonly start: Uint32Array
  readonly node: Uint32Array
}

export interface NodeOptions {
  readonly granularity: Granularity
  /** Only the outermost line of a location counts: the function that others were inlined into. */
  readonly noInlines?: boolean
  /** Functions of the same name in different binaries are different nodes. */
  readonly keepBinaries?: boolean
}

interface Kept {
  readonly name: boolean
  readonly file: boolean
  readonly line: boolean
  readonly column: boolean
  readonly address: boolean
}

const KEPT: Readonly<Record<Granularity, Kept>> = {
  functions: { name: true, file: false, line: false, column: false, address: false },
  filefunctions: { name: true, file: true, line: false, column: false, address: false },
  files: { name: false, file: true, line: false, column: false, address: false },
  lines: { name: true, file: true, line: true, column: false, address: false },
  addresses: { name: true, file: true, line: true, column: true, address: true },
}

/**
 * Finds the node of every line of a profile, as `Aggregate` and `CreateNodes` of google/pprof do
 * together. Nodes are numbered in the order in which locations first have them.
 */
export function nodeTable(profile: Profile, options: NodeOptions): NodeTable {
  const { locations, mappings } = profile
  const noInlines = options.noInlines === true
  // Without inlined lines pprof aggregates addresses too, and that drops the columns.
  const kept = KEPT[options.granularity]
  const keepColumn = kept.column && !noInlines
  const nodes = new NodeNumbers()
  const functions = new FunctionNumbers(profile, kept, options.keepBinaries === true, nodes)
  const start = new Uint32Array(locations.count + 1)
  const node = new Uint32Array(locations.lineFunction.length + locations.count)
  let count = 0

  for (let location = 0; location < locations.count; location++) {
    const first = locations.lineStart[location] ?? 0
    const end = locations.lineStart[location + 1] ?? 0
    const mapping = locations.mapping[location] ?? -1
    const address = kept.address ? (locations.address[location] ?? 0n) : 0n
    if (first === end) {
      const objectFile = mappings[mapping]?.file ?? ''
      node[count++] = nodes.numberOf(nodes.functionOf({ ...UNKNOWN, objectFile }), address, 0, 0)
    }
    for (let line = noInlines ? Math.max(first, end - 1) : first; line < end; line++) {
      node[count++] = nodes.numberOf(
        functions.numberOf(locations.lineFunction[line] ?? 0, mapping),
        address,
        kept.line ? (locations.lineNumber[line] ?? 0) : 0,
        keepColumn ? (locations.lineColumn[line] ?? 0) : 0,
      )
    }
    start[location + 1] = count
  }
  return { infos: nodes.infos, start, node: node.subarray(0, count) }
}

type FunctionInfo = Pick<NodeInfo, 'name' | 'file' | 'startLine' | 'objectFile'>

const UNKNOWN: FunctionInfo = { name: '', file: '', startLine: 0, objectFile: '' }

/** Numbers the distinct nodes: first their functions, then the places in each. */
class NodeNumbers {
  readonly infos: NodeInfo[] = []
  private readonly functions: FunctionInfo[] = []
  private readonly functionByKey = new Map<string, number>()
  private readonly byLine: Map<number, number>[] = []
  private readonly byPlace: Map<string, number>[] = []

  functionOf(info: FunctionInfo): number {
    const key = `${info.name}\0${info.file}\0${info.startLine}\0${info.objectFile}`
    const known = this.functionByKey.get(key)
    if (known !== undefined) return known
    const number = this.functions.push(info) - 1
    this.functionByKey.set(key, number)
    this.byLine.push(new Map())
    this.byPlace.push(new Map())
    return number
  }

  numberOf(entry: number, address: bigint, line: number, column: number): number {
    if (address === 0n && column === 0) {
      return this.find(this.byLine[entry], line, entry, address, line, column)
    }
    const place = `${address.toString(16)}:${line}:${column}`
    return this.find(this.byPlace[entry], place, entry, address, line, column)
  }

  private find<Key>(
    numbers: Map<Key, number> | undefined,
    key: Key,
    entry: number,
    address: bigint,
    line: number,
    column: number,
  ): number {
    const known = numbers?.get(key)
    if (known !== undefined) return known
    const number = this.infos.length
    this.infos.push({ ...(this.functions[entry] ?? UNKNOWN), address, line, column })
    numbers?.set(key, number)
    return number
  }
}

/** Remembers the number of each function of a profile; with binaries kept apart, of each pair. */
class FunctionNumbers {
  private readonly profile: Profile
  private readonly kept: Kept
  private readonly keepBinaries: boolean
  private readonly nodes: NodeNumbers
  private readonly known = new Map<number, number>()

  constructor(profile: Profile, kept: Kept, keepBinaries: boolean, nodes: NodeNumbers) {
    this.profile = profile
    this.kept = kept
    this.keepBinaries = keepBinaries
    this.nodes = nodes
  }

  numberOf(index: number, mapping: number): number {
    const pair = index * (this.profile.mappings.length + 1) + mapping + 1
    const known = this.known.get(pair)
    if (known !== undefined) return known
    const entry = this.profile.functions[index]
    const name = this.kept.name ? (entry?.name ?? '') : ''
    const file = this.kept.file ? (entry?.filename ?? '') : ''
    const apart = this.keepBinaries || name === ''
    const number = this.nodes.functionOf({
      name,
      file: file === '' ? '' : cleanPath(file),
      startLine: apart ? (entry?.startLine ?? 0) : 0,
      objectFile: apart ? (this.profile.mappings[mapping]?.file ?? '') : '',
    })
    this.known.set(pair, number)
    return number
  }
}
