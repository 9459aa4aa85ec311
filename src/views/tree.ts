import type { Edge } from '../profile/edge-table.ts'
import { ProfileError } from '../profile/profile-error.ts'
import type { Expression } from '../profile/regexp.ts'
import { compareText } from '../profile/text-order.ts'
import { headerLines, type TimeText } from './header.ts'
import { percentage } from './measurement.ts'
import { printable } from './printable.ts'
import { type Format, formatOf, type Report } from './report.ts'
import { reportData } from './top.ts'
import { type TrimmedGraph, trimmedGraph } from './trimmed-graph.ts'

const SEPARATOR = '----------------------------------------------------------+-------------'
// The blanks at the end are pprof's.
const LEGEND = '      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t '

/**
 * The call graph of `go tool pprof -tree`: each node between its callers and what it calls. With an
 * expression, `-peek`: only the nodes whose name matches.
 *
 * @throws ProfileError when the expression matches no node.
 */
export function treeText(report: Report, time: TimeText, only?: Expression): string {
  const graph = trimmedGraph(report)
  const format = formatOf(report, graph.unit)
  const shown = graph.rows.reduce((sum, { flat }) => sum + flat, 0)
  const lines = headerLines(report, format, time, shown, graph.trimmed)
  lines.push(SEPARATOR, LEGEND)
  const { nameOf } = graph
  let flatSum = 0
  for (const { node, name, flat, cum } of matchingRows(graph, only)) {
    flatSum += flat
    lines.push(SEPARATOR)
    for (const edge of sorted(graph.into[node], 'from', nameOf)) {
      lines.push(callLine(edge, cum, nameOf(edge.from), format))
    }
    const columns = [
      format.value(flat).padStart(10),
      format.percentage(flat),
      format.percentage(flatSum),
      format.value(cum).padStart(10),
      format.percentage(cum),
    ]
    lines.push(`${columns.join(' ')}                | ${printable(name)}`)
    for (const edge of sorted(graph.outOf[node], 'to', nameOf)) {
      lines.push(callLine(edge, cum, nameOf(edge.to), format))
    }
  }
  if (graph.rows.length > 0) lines.push(SEPARATOR)
  return `${lines.join('\n')}\n`
}

/** The same graph as data; values are in the unit of the sample type. */
export function treeData(report: Report, only?: Expression): unknown {
  const graph = trimmedGraph(report)
  const { nameOf } = graph
  const calls = (edges: readonly Edge[] | undefined, side: 'from' | 'to'): unknown[] =>
    sorted(edges, side, nameOf).map((edge) => ({
      name: nameOf(edge[side]),
      value: edge.weight,
      inline: edge.inline,
    }))
  return {
    ...reportData(report),
    nodes: matchingRows(graph, only).map(({ node, name, flat, cum }) => ({
      name,
      flat,
      cum,
      callers: calls(graph.into[node], 'from'),
      callees: calls(graph.outOf[node], 'to'),
    })),
  }
}

function matchingRows(graph: TrimmedGraph, only: Expression | undefined): TrimmedGraph['rows'] {
  if (only === undefined) return graph.rows
  const rows = graph.rows.filter(({ name }) => only.test(name))
  if (rows.length === 0) {
    throw new ProfileError(`no function matches ${only.source}`, {
      hint: '`heapgate top` lists the functions of a profile.',
    })
  }
  return rows
}

/** By weight without its sign, then by the names of caller and callee. */
function sorted(
  edges: readonly Edge[] | undefined,
  side: 'from' | 'to',
  nameOf: (node: number) => string,
): readonly Edge[] {
  return (edges ?? []).toSorted((a, b) => {
    const byWeight = Math.abs(b.weight) - Math.abs(a.weight)
    return byWeight === 0 ? compareText(nameOf(a[side]), nameOf(b[side])) : byWeight
  })
}

function callLine(edge: Edge, cum: number, name: string, format: Format): string {
  const inline = edge.inline ? ' (inline)' : ''
  return `${format.value(edge.weight).padStart(50)} ${percentage(edge.weight, cum)} |   ${printable(name)}${inline}`
}
