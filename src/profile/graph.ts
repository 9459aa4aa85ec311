import { EdgeTable } from './edge-table.ts'
import { type NodeInfo, type NodeOptions, nodeTable, type NodeTable } from './granularity.ts'
import { nodeName } from './node-name.ts'
import type { Profile } from './profile.ts'
import { withPrintedNames } from './symbolize.ts'
import { compareText } from './text-order.ts'

/**
 * Flat and cum of the nodes of a profile, by node number. `flat` is what samples have with the node
 * as leaf; `cum` is what they have with the node anywhere in the stack, once for each sample.
 */
export interface Graph {
  readonly table: NodeTable
  readonly flat: Float64Array
  readonly cum: Float64Array
  /** Numbers of the nodes that have a value, in no order. */
  readonly nodes: readonly number[]
}

export interface GraphOptions {
  /** Index of the sample type. */
  readonly type: number
  /** Leaves out nodes whose flat, or else cum, is negative. */
  readonly dropNegative?: boolean
  /** Only these nodes count, by number; a sample whose leaf is left out has no flat. */
  readonly kept?: Uint8Array
}

/**
 * Sums the samples of a profile up, as `newGraph` of google/pprof does, without the calls between
 * nodes.
 */
export function sumNodes(profile: Profile, table: NodeTable, options: GraphOptions): Graph {
  return walk(profile, table, options, undefined)
}

/** As `sumNodes`, with the calls between nodes. */
export function sumNodesAndEdges(
  profile: Profile,
  table: NodeTable,
  options: GraphOptions,
): Graph & { readonly edges: EdgeTable } {
  const edges = new EdgeTable(table.infos.length)
  return { ...walk(profile, table, options, edges), edges }
}

function walk(
  profile: Profile,
  table: NodeTable,
  options: GraphOptions,
  edges: EdgeTable | undefined,
): Graph {
  const { samples } = profile
  const { kept } = options
  const types = profile.sampleTypes.length
  const flat = new Float64Array(table.infos.length)
  const cum = new Float64Array(table.infos.length)
  // The last sample, counted from 1, that a node was seen in: recursion counts once.
  const seenIn = new Uint32Array(table.infos.length)

  for (let sample = 0; sample < samples.count; sample++) {
    const value = samples.values[sample * types + options.type] ?? 0
    if (value === 0) continue
    let parent = -1
    let residual = false
    const first = samples.locationStart[sample] ?? 0
    for (let at = (samples.locationStart[sample + 1] ?? 0) - 1; at >= first; at--) {
      const location = samples.location[at] ?? 0
      const firstNode = table.start[location] ?? 0
      const outermost = (table.start[location + 1] ?? 0) - 1
      for (let line = outermost; line >= firstNode; line--) {
        const node = table.node[line] ?? 0
        if (kept?.[node] === 0) {
          residual = true
          continue
        }
        if (seenIn[node] !== sample + 1) {
          seenIn[node] = sample + 1
          cum[node] = (cum[node] ?? 0) + value
        }
        if (edges !== undefined && parent >= 0 && parent !== node) {
          edges.add(parent, node, sample + 1, value, residual, line !== outermost)
        }
        parent = node
        residual = false
      }
    }
    if (parent >= 0 && !residual) flat[parent] = (flat[parent] ?? 0) + value
  }

  const nodes: number[] = []
  for (let node = 0; node < flat.length; node++) {
    const itsFlat = flat[node] ?? 0
    const itsCum = cum[node] ?? 0
    if (itsFlat === 0 && itsCum === 0) continue
    const negative = itsFlat < 0 || (itsFlat === 0 && itsCum < 0)
    if (negative && options.dropNegative === true) continue
    nodes.push(node)
  }
  return { table, flat, cum, nodes }
}

/** A row of `top`: a node with its values, in the unit of the sample type. */
export interface Row {
  readonly info: NodeInfo
  /** As pprof prints it; may hold control characters. */
  readonly name: string
  readonly flat: number
  readonly cum: number
}

export interface RowOptions extends NodeOptions {
  /** Index of the sample type. */
  readonly type: number
  readonly dropNegative?: boolean
  readonly sort?: 'flat' | 'cum'
}

/** All rows of `top`, untrimmed, in pprof's order. */
export function functionRows(profile: Profile, options: RowOptions): readonly Row[] {
  const named = withPrintedNames(profile)
  const table = nodeTable(named, options)
  const graph = sumNodes(named, table, {
    type: options.type,
    dropNegative: options.dropNegative ?? false,
  })
  return graphRows(graph, options.sort ?? 'flat')
}

/** The nodes of a graph in pprof's order: by flat or cum, without its sign, then by name. */
export function graphRows(graph: Graph, sort: 'flat' | 'cum'): readonly (Row & { node: number })[] {
  const rows = graph.nodes.map((node) => {
    const info = graph.table.infos[node]
    if (info === undefined) throw new RangeError(`node ${node} is not in the table`)
    return {
      node,
      info,
      name: nodeName(info),
      flat: graph.flat[node] ?? 0,
      cum: graph.cum[node] ?? 0,
    }
  })
  const second = sort === 'flat' ? 'cum' : 'flat'
  return rows.sort((a, b) =>
    firstNonZero(
      Math.abs(b[sort]) - Math.abs(a[sort]),
      () => compareText(a.name, b.name),
      () => Math.abs(b[second]) - Math.abs(a[second]),
      () => compareText(infoText(a.info), infoText(b.info)),
    ),
  )
}

function firstNonZero(order: number, ...ties: readonly (() => number)[]): number {
  let result = order
  for (const tie of ties) {
    if (result !== 0) break
    result = tie()
  }
  return result
}

/** The text of a node by which pprof breaks the last ties: Go's `fmt.Sprint` of its `NodeInfo`. */
function infoText(info: NodeInfo): string {
  const { name, address, file, startLine, line, column, objectFile } = info
  return `{${name}  ${address.toString()} ${file} ${startLine} ${line} ${column} ${objectFile}}`
}
