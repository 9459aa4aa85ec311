import { formatBytes, formatGrowth } from '../units/bytes.ts'
import { plural } from '../units/count.ts'
import { retainedBytes } from '../verdict/places.ts'
import type { JudgedResult, Place, Result } from '../verdict/result.ts'
import { numberedLines } from './excerpt.ts'
import { whatRan } from './figures.ts'
import { HEADLINES } from './headline.ts'
import { position } from './links.ts'
import { oneLine, visibleControls, withoutCommands } from './markdown-text.ts'
import { pprofCommand } from './reproduce.ts'
import {
  budgetsTable,
  goroutineFigures,
  notablePlaces,
  PLACE_HEADER,
  placeFigures,
  roundsTable,
  signalsTable,
  type Table,
} from './tables.ts'

const SHOWN_PLACES = 10

/**
 * The report for a terminal: plain text, no control character in it but line breaks, and no command
 * to the runner of a workflow.
 */
export function renderTerminal(result: Result): string {
  const { sign, words } = HEADLINES[result.verdict]
  const blocks = [
    `${sign} ${result.verdict.toUpperCase()}: ${words}`,
    [result.reason, ...hintOf(result), ...result.notes].join('\n'),
    ...(result.verdict === 'invalid' ? logOf(result) : judged(result)),
    columns(
      whatRan(result.measurement).map(([name, value]) => [name, oneLine(value)]),
      'll',
    ),
  ]
  const report = blocks.filter((block) => block !== '').join('\n\n')
  return `${withoutCommands(visibleControls(report))}\n`
}

function hintOf(result: Result): readonly string[] {
  return result.verdict === 'invalid' && result.hint !== undefined ? [result.hint] : []
}

function logOf({ measurement }: Result): readonly string[] {
  const log = measurement.kind === 'broken' ? measurement.failure.log : undefined
  return log === undefined ? [] : [`The end of its output:\n${log.replace(/^/gm, '  | ')}`]
}

function judged(result: JudgedResult): readonly string[] {
  const { shown, noise } = notablePlaces(result)
  const top = shown.find(({ source }) => source !== undefined)
  const pprof = pprofCommand(result.measurement)
  return [
    text(budgetsTable(result)),
    shown.length === 0 ? '' : placesText(shown),
    noise.length === 0
      ? ''
      : `Noise of the runtime: ${formatBytes(retainedBytes(noise))} in ${plural(noise.length, 'place')}.`,
    top?.source === undefined
      ? ''
      : `${oneLine(position(top))}\n${numberedLines(top.source, top.line)}`,
    goroutinesText(result),
    text(roundsTable(result)),
    text(signalsTable(result)),
    ...result.ignored.map(
      ({ pattern, reason, stacks, retained }) =>
        `Ignored: ${formatGrowth(retained.bytes)} in ${plural(stacks, 'stack')} by ${oneLine(pattern)}${reason === undefined ? '' : ` (${oneLine(reason)})`}`,
    ),
    pprof === undefined ? '' : `In the report directory: ${pprof}`,
  ]
}

function placesText(places: readonly Place[]): string {
  const rows = places
    .slice(0, SHOWN_PLACES)
    .map((place) => [...placeFigures(place), oneLine(`${place.function} ${position(place)}`)])
  const rest = places.length - SHOWN_PLACES
  const table = text({ header: [...PLACE_HEADER, 'Kept by'], rows, alignment: 'rrrrrrl' })
  return rest > 0 ? `${table}\n${plural(rest, 'more place')}: see result.json.` : table
}

function goroutinesText({ goroutines }: JudgedResult): string {
  if (goroutines.length === 0) return ''
  const rows = goroutines
    .slice(0, SHOWN_PLACES)
    .map((growth) => [
      ...goroutineFigures(growth),
      oneLine(`${growth.function} ${position(growth)}`),
      oneLine(
        growth.createdBy === undefined
          ? growth.startedBy
          : `${growth.createdBy.function} ${position(growth.createdBy)}`,
      ),
    ])
  return text({ header: ['Goroutines', '', 'Wait at', 'Started by'], rows, alignment: 'rlll' })
}

const text = ({ header, rows, alignment }: Table): string => columns([header, ...rows], alignment)

/** Rows in columns; `alignment` has an `l` or an `r` for each. */
function columns(rows: readonly (readonly string[])[], alignment: string): string {
  const widths = Array.from(alignment, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return alignment[column] === 'r' ? cell.padStart(width) : cell.padEnd(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
