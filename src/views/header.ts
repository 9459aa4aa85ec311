import { baseName } from '../profile/path.ts'
import { label, percentage, scale } from './measurement.ts'
import { printable } from './printable.ts'
import type { Format, Report } from './report.ts'

/** Writes a time as pprof does, in the local zone: `2006-01-02 15:04:05 MST`. */
export type TimeText = (nanosSince1970: bigint) => string

/** The lines that tell which profile a view is of. */
export function profileLines(report: Report, format: Format, time: TimeText): string[] {
  const { profile } = report
  const lines: string[] = []
  const [main] = profile.mappings
  if (main !== undefined && main.file !== '') lines.push(`File: ${baseName(main.file)}`)
  if (main !== undefined && main.buildId !== '') lines.push(`Build ID: ${main.buildId}`)
  lines.push(...profile.comments.filter((comment) => !comment.startsWith('#')))
  const type = profile.sampleTypes[report.type]?.type ?? ''
  if (type !== '') lines.push(`Type: ${type}`)
  if (profile.docUrl !== '') lines.push(`Doc: ${profile.docUrl}`)
  if (profile.timeNanos !== 0n) lines.push(`Time: ${time(profile.timeNanos)}`)
  if (profile.durationNanos !== 0) lines.push(durationLine(report, format))
  return lines.map(printable)
}

function durationLine(report: Report, format: Format): string {
  const { durationNanos } = report.profile
  const nanos = scale(report.total, report.unit, 'nanoseconds')
  const share =
    nanos.unit === 'ns' && nanos.value !== 0
      ? `(${percentage(Math.trunc(nanos.value), durationNanos)})`
      : ''
  const duration = label(durationNanos, 'nanoseconds', 'auto')
  return `Duration: ${duration}, Total samples = ${format.value(report.total)} ${share}`
}

/** What was left out of a view. */
export interface Trimmed {
  readonly shownNodes: number
  /** Nodes before `nodeCount` cut. */
  readonly allNodes: number
  /** Nodes that `nodeFraction` cut. */
  readonly droppedNodes: number
}

/** The lines above a view of nodes: the profile, the filters, what is shown of it. */
export function headerLines(
  report: Report,
  format: Format,
  time: TimeText,
  shownTotal: number,
  trimmed: Trimmed,
): string[] {
  const { options, total } = report
  const lines = profileLines(report, format, time)
  const filters = (['focus', 'ignore', 'hide', 'show'] as const)
    .filter((kind) => options[kind] !== '')
    .map((kind) => `   ${shortened(`${kind}=${options[kind]}`)}`)
  if (filters.length > 0) lines.push('Active filters:', ...filters.map(printable))
  lines.push(
    `Showing nodes accounting for ${format.value(shownTotal)}, ${format.percentage(shownTotal).trim()} of ${format.value(total)} total`,
  )
  if (total === 0) return lines
  if (trimmed.droppedNodes > 0) {
    const cutoff = format.value(Math.abs(Math.trunc(total * options.nodeFraction)))
    const nodes = trimmed.droppedNodes > 1 ? 'nodes' : 'node'
    lines.push(`Dropped ${trimmed.droppedNodes} ${nodes} (cum <= ${cutoff})`)
  }
  if (trimmed.shownNodes > 0 && trimmed.shownNodes < trimmed.allNodes) {
    lines.push(`Showing top ${trimmed.shownNodes} nodes out of ${trimmed.allNodes}`)
  }
  return lines
}

const MAX_FILTER_BYTES = 80

function shortened(filter: string): string {
  const bytes = new TextEncoder().encode(filter)
  if (bytes.length <= MAX_FILTER_BYTES) return filter
  return `${new TextDecoder().decode(bytes.subarray(0, MAX_FILTER_BYTES))}…`
}
