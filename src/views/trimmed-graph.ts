import type { Edge } from '../profile/edge-table.ts'
import { withTrimmedFiles } from '../profile/build-path.ts'
import {
  type Graph,
  type GraphOptions,
  graphRows,
  type Row,
  sumNodes,
  sumNodesAndEdges,
} from '../profile/graph.ts'
import { nodeName } from '../profile/node-name.ts'
import { nodeTable } from '../profile/granularity.ts'
import type { Trimmed } from './header.ts'
import { scale } from './measurement.ts'
import type { Report } from './report.ts'

/** The nodes that a view shows, in its order, and the calls between them. */
export interface TrimmedGraph {
  readonly rows: readonly (Row & { readonly node: number })[]
  /** By node number. */
  readonly into: readonly (readonly Edge[])[]
  readonly outOf: readonly (readonly Edge[])[]
  readonly trimmed: Trimmed
  readonly nameOf: (node: number) => string
  /** The unit for all values of the view. */
  readonly unit: string
}

/**
 * Builds the graph of a report and leaves out what the options say, as `newTrimmedGraph` of
 * google/pprof does. Each step sums the samples anew, because a sample whose leaf is left out has no
 * flat any more.
 */
export function trimmedGraph(report: Report): TrimmedGraph {
  const { options } = report
  const profile = withTrimmedFiles(report.profile)
  const table = nodeTable(profile, options)
  const sums: GraphOptions = { type: report.type, dropNegative: options.dropNegative }

  const keepsAll = options.nodeFraction === 0 && options.nodeCount === 0
  const whole = keepsAll ? sumNodesAndEdges(profile, table, sums) : undefined
  let graph: Graph = whole ?? sumNodes(profile, table, sums)
  let kept: Uint8Array | undefined
  const flatSum = graph.nodes.reduce((sum, node) => sum + (graph.flat[node] ?? 0), 0)
  const nodeCutoff = Math.abs(Math.trunc(flatSum * options.nodeFraction))
  const edgeCutoff = Math.abs(Math.trunc(flatSum * options.edgeFraction))

  let droppedNodes = 0
  if (nodeCutoff > 0) {
    const { cum } = graph
    const frequent = graph.nodes.filter((node) => Math.abs(cum[node] ?? 0) >= nodeCutoff)
    if (frequent.length !== graph.nodes.length) {
      droppedNodes = graph.nodes.length - frequent.length
      kept = nodeSet(frequent, table.infos.length)
      graph = sumNodes(profile, table, { ...sums, kept })
    }
  }
  const allNodes = graph.nodes.length

  if (options.nodeCount > 0 && options.nodeCount < allNodes) {
    const top = graphRows(graph, options.sort).slice(0, options.nodeCount)
    kept = nodeSet(
      top.map(({ node }) => node),
      table.infos.length,
    )
  }
  const final =
    whole ?? sumNodesAndEdges(profile, table, kept === undefined ? sums : { ...sums, kept })
  const rows = graphRows(final, options.sort)
  return {
    rows,
    ...final.edges.byNode(final.nodes, edgeCutoff),
    trimmed: { shownNodes: rows.length, allNodes, droppedNodes },
    nameOf: (node) => {
      const info = table.infos[node]
      return info === undefined ? '' : nodeName(info)
    },
    unit: unitOf(report, final),
  }
}

function nodeSet(nodes: readonly number[], count: number): Uint8Array {
  const set = new Uint8Array(count)
  for (const node of nodes) set[node] = 1
  return set
}

/**
 * One unit for all nodes: that of the smallest value; when the total is in a larger one and far
 * away, that of a hundred times the smallest.
 */
function unitOf(report: Report, graph: Graph): string {
  const { options, unit, total } = report
  if (options.unit !== 'minimum' || graph.nodes.length === 0) return options.unit
  let least = 0
  for (const node of graph.nodes) {
    const flat = Math.abs(graph.flat[node] ?? 0)
    const value = flat === 0 ? Math.abs(graph.cum[node] ?? 0) : flat
    if (value > 0 && (least === 0 || value < least)) least = value
  }
  if (least === 0) least = total
  const leastUnit = scale(least, unit, 'minimum').unit
  const mostUnit = scale(total, unit, 'minimum').unit
  const isFar = leastUnit !== mostUnit && least * 100 < total
  const chosen = isFar ? scale(100 * least, unit, 'minimum').unit : leastUnit
  return chosen === '' ? unit : chosen
}
