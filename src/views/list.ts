import { withTrimmedFiles } from '../profile/build-path.ts'
import type { Row } from '../profile/graph.ts'
import { graphRows, sumNodes } from '../profile/graph.ts'
import { nodeTable } from '../profile/granularity.ts'
import { ProfileError } from '../profile/profile-error.ts'
import type { Expression } from '../profile/regexp.ts'
import { compareText } from '../profile/text-order.ts'
import { printable, printableSource } from './printable.ts'
import { type Format, formatOf, type Report } from './report.ts'
import { reportData } from './top.ts'

/** The lines of a source file, or why it can't be shown. */
export type SourceText =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string }

/** Finds the source of a file that a profile names. */
export type SourceLookup = (file: string) => SourceText

/** Lines shown before and after the first and last line with a sample. */
const MARGIN = 5

interface SourceLine {
  readonly line: number
  readonly flat: number
  readonly cum: number
  readonly text: string
}

interface Routine {
  readonly name: string
  readonly file: string
  readonly flat: number
  readonly cum: number
  readonly source: { readonly lines: readonly SourceLine[] } | { readonly error: string }
}

/**
 * The source of every function whose name matches, with flat and cum of each line, as
 * `go tool pprof -list`.
 *
 * @throws ProfileError when the expression matches no function.
 */
export function listText(report: Report, only: Expression, lookup: SourceLookup): string {
  const format = formatOf(report)
  const lines = [`Total: ${format.value(report.total)}`]
  for (const routine of routines(report, only, lookup)) {
    if (routine.file === '') {
      lines.push(`No source information for ${printable(routine.name)}`)
      continue
    }
    const { name, file, flat, cum, source } = routine
    lines.push(
      `ROUTINE ======================== ${printable(name)} in ${printable(file)}`,
      `${format.value(flat).padStart(10)} ${format.value(cum).padStart(10)} (flat, cum) ${format.percentage(cum)} of Total`,
    )
    if ('error' in source) lines.push(` Error: ${printable(source.error)}`)
    else lines.push(...source.lines.map((line) => sourceLine(line, format)))
  }
  return `${lines.join('\n')}\n`
}

/** The same as data; values are in the unit of the sample type. */
export function listData(report: Report, only: Expression, lookup: SourceLookup): unknown {
  return {
    ...reportData(report),
    functions: routines(report, only, lookup).map(({ source, ...routine }) => ({
      ...routine,
      ...source,
    })),
  }
}

function sourceLine({ line, flat, cum, text }: SourceLine, format: Format): string {
  const orDot = (value: number): string => (value === 0 ? '.' : format.value(value)).padStart(10)
  return `${orDot(flat)} ${orDot(cum)} ${line.toString().padStart(6)}:${printableSource(text)}`
}

function routines(report: Report, only: Expression, lookup: SourceLookup): Routine[] {
  const { options, type } = report
  const profile = withTrimmedFiles(report.profile)
  const table = nodeTable(profile, { ...options, granularity: 'lines', keepBinaries: true })
  const graph = sumNodes(profile, table, { type, dropNegative: options.dropNegative })
  const rows = graphRows(graph, 'flat').filter(({ info }) => only.test(info.name))
  if (rows.length === 0) {
    throw new ProfileError(`no function matches ${only.source}`, {
      hint: '`heapgate top` lists the functions of a profile.',
    })
  }
  const byName = [...groupBy(rows, ({ info }) => info.name)]
  byName.sort(([a], [b]) => compareText(a, b))
  return byName.flatMap(([name, ofName]) => {
    const withFile = ofName.filter(({ info }) => info.file !== '')
    if (withFile.length === 0) {
      return [{ name, file: '', flat: 0, cum: 0, source: { lines: [] } }]
    }
    const byFile = [...groupBy(withFile, ({ info }) => info.file)]
    byFile.sort(([a], [b]) => compareText(a, b))
    return byFile.map(([file, ofFile]) => ({
      name,
      file,
      flat: ofFile.reduce((sum, { flat }) => sum + flat, 0),
      cum: ofFile.reduce((sum, { cum }) => sum + cum, 0),
      source: annotated(ofFile, lookup(file)),
    }))
  })
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

function annotated(
  rows: readonly Row[],
  source: SourceText,
): { readonly lines: readonly SourceLine[] } | { readonly error: string } {
  if (source.kind === 'refused') return { error: source.reason }
  const first = Math.min(
    ...rows.map(({ info }) => (info.startLine === 0 ? info.line - MARGIN : info.startLine)),
  )
  const last = Math.max(...rows.map(({ info }) => info.line)) + MARGIN
  const lines: SourceLine[] = []
  for (let line = Math.max(1, first); line <= Math.min(last, source.lines.length); line++) {
    const here = rows.filter(({ info }) => info.line === line)
    lines.push({
      line,
      flat: here.reduce((sum, { flat }) => sum + flat, 0),
      cum: here.reduce((sum, { cum }) => sum + cum, 0),
      text: source.lines[line - 1] ?? '',
    })
  }
  return { lines }
}
