import type { Edge } from '../profile/edge-table.ts'
import { headerLines, type TimeText } from './header.ts'
import { printable } from './printable.ts'
import { formatOf, type Report } from './report.ts'
import { trimmedGraph } from './trimmed-graph.ts'

/** The table of `go tool pprof -top`. */
export function topText(report: Report, time: TimeText): string {
  const graph = trimmedGraph(report)
  const format = formatOf(report, graph.unit)
  const shown = graph.rows.reduce((sum, { flat }) => sum + flat, 0)
  const lines = headerLines(report, format, time, shown, graph.trimmed)
  lines.push('      flat  flat%   sum%        cum   cum%')
  let flatSum = 0
  for (const { node, name, flat, cum } of graph.rows) {
    flatSum += flat
    const columns = [
      format.value(flat).padStart(10),
      format.percentage(flat),
      format.percentage(flatSum),
      format.value(cum).padStart(10),
      format.percentage(cum),
    ]
    lines.push(`${columns.join(' ')}  ${printable(name)}${inlineSuffix(graph.into[node])}`)
  }
  return `${lines.join('\n')}\n`
}

/** Whether the calls of a function were inlined: all, some or none. */
function inlineSuffix(calls: readonly Edge[] = []): string {
  if (!calls.some(({ inline }) => inline)) return ''
  return calls.every(({ inline }) => inline) ? ' (inline)' : ' (partial-inline)'
}

/** The same rows as data; values are in the unit of the sample type. */
export function topData(report: Report): unknown {
  const { rows, trimmed } = trimmedGraph(report)
  return {
    ...reportData(report),
    droppedNodes: trimmed.droppedNodes,
    rows: rows.map(({ name, flat, cum }) => ({ name, flat, cum })),
  }
}

/** What the data of every view begins with. */
export function reportData({ profile, type, unit, total }: Report): {
  type: string
  unit: string
  total: number
} {
  return { type: profile.sampleTypes[type]?.type ?? '', unit, total }
}
