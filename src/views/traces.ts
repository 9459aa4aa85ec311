import { nodeName } from '../profile/node-name.ts'
import { nodeTable } from '../profile/granularity.ts'
import type { NO_LABELS } from '../profile/profile.ts'
import { valueAt } from '../profile/profile.ts'
import { compareText } from '../profile/text-order.ts'
import { profileLines, type TimeText } from './header.ts'
import { label } from './measurement.ts'
import { printable } from './printable.ts'
import { formatOf, type Report } from './report.ts'
import { reportData } from './top.ts'

const SEPARATOR = '-----------+-------------------------------------------------------'

interface TraceFrame {
  readonly name: string
  readonly inline: boolean
}

/** Every sample with its labels and its stack, as `go tool pprof -traces`. */
export function tracesText(report: Report, time: TimeText): string {
  const format = formatOf(report)
  const lines = profileLines(report, format, time)
  for (const { value, labels, frames } of traces(report)) {
    lines.push(SEPARATOR, ...labels.map(({ key, text }) => `${paddedKey(key)}:  ${text}`))
    frames.forEach(({ name, inline }, index) => {
      const amount = index === 0 ? format.value(value) : ''
      lines.push(`${amount.padStart(10)}   ${name}${inline ? ' (inline)' : ''}`)
    })
  }
  lines.push(SEPARATOR)
  return `${lines.join('\n')}\n`
}

/** The same samples as data; values are in the unit of the sample type. */
export function tracesData(report: Report): unknown {
  return {
    ...reportData(report),
    traces: [...traces(report)].map(({ value, labels, frames }) => ({
      value,
      labels: labels.map(({ key, text }) => ({ key, value: text })),
      frames,
    })),
  }
}

function* traces(report: Report): Generator<{
  value: number
  labels: readonly { key: string; text: string }[]
  frames: readonly TraceFrame[]
}> {
  const { profile, options } = report
  const { samples } = profile
  const table = nodeTable(profile, options)
  const names = table.infos.map((info) => printable(nodeName(info)))
  const labelsOf = samples.labelSets.map((set) => labelTexts(set, report.labelUnits))
  for (let sample = 0; sample < samples.count; sample++) {
    const frames: TraceFrame[] = []
    const end = samples.locationStart[sample + 1] ?? 0
    for (let at = samples.locationStart[sample] ?? 0; at < end; at++) {
      const location = samples.location[at] ?? 0
      const outermost = (table.start[location + 1] ?? 0) - 1
      for (let line = table.start[location] ?? 0; line <= outermost; line++) {
        frames.push({ name: names[table.node[line] ?? 0] ?? '', inline: line !== outermost })
      }
    }
    if (frames.length === 0) continue
    const labels = labelsOf[samples.labels[sample] ?? 0] ?? []
    yield { value: valueAt(profile, sample, report.type), labels, frames }
  }
}

/** Go counts code points where JavaScript counts halves of some. */
function paddedKey(key: string): string {
  return ' '.repeat(Math.max(0, 10 - Array.from(key).length)) + key
}

/** Texts before numbers; each in the order of the lines that pprof prints. */
function labelTexts(
  { texts, numbers }: typeof NO_LABELS,
  units: ReadonlyMap<string, string>,
): { key: string; text: string }[] {
  const inOrder = (lines: { key: string; text: string }[]): typeof lines =>
    lines.sort((a, b) =>
      compareText(`${paddedKey(a.key)}:  ${a.text}`, `${paddedKey(b.key)}:  ${b.text}`),
    )
  return [
    ...inOrder(
      texts.map(({ key, values }) => ({ key: printable(key), text: printable(values.join(' ')) })),
    ),
    ...inOrder(
      numbers.map(({ key, values }) => ({
        key: printable(key),
        text: printable(
          values.map((value) => label(value, units.get(key) ?? '', 'auto')).join(' '),
        ),
      })),
    ),
  ]
}
