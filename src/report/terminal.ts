import { formatBytes, formatGrowth } from '../units/bytes.ts'
import { formatCount, plural } from '../units/count.ts'
import type { JudgedResult, Result } from '../verdict/result.ts'
import { numberedLines } from './excerpt.ts'
import { budgetFigure, formatRatio, whatRan } from './figures.ts'
import { HEADLINES } from './headline.ts'
import { position } from './links.ts'
import { oneLine, visibleControls } from './markdown-text.ts'
import { pprofCommand } from './reproduce.ts'

const SHOWN_PLACES = 10

/** The report for a terminal: plain text, no control character in it but line breaks. */
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
  const text = blocks.filter((block) => block !== '').join('\n\n')
  return `${visibleControls(text)}\n`
}

function hintOf(result: Result): readonly string[] {
  return result.verdict === 'invalid' && result.hint !== undefined ? [result.hint] : []
}

function logOf({ measurement }: Result): readonly string[] {
  const log = measurement.kind === 'broken' ? measurement.failure.log : undefined
  return log === undefined ? [] : [`The end of its output:\n${log.replace(/^/gm, '  | ')}`]
}

function judged(result: JudgedResult): readonly string[] {
  const grown = result.growth.filter(({ retained }) => retained.bytes > 0)
  const top = grown.find(({ source }) => source !== undefined)
  const pprof = pprofCommand(result.measurement)
  return [
    columns(
      [
        ['Budget', 'Limit', 'Measured', ''],
        ...result.budgets.map(({ name, unit, limit, measured, state }) => [
          name,
          budgetFigure(unit, limit),
          budgetFigure(unit, measured),
          state,
        ]),
      ],
      'lrrl',
    ),
    grown.length === 0
      ? ''
      : columns(
          [
            ['Retained', 'Per request', 'Objects', '(per request)', 'flat', 'cum', 'Kept by'],
            ...grown
              .slice(0, SHOWN_PLACES)
              .map((place) => [
                formatGrowth(place.retained.bytes),
                formatBytes(Math.round(place.bytesPerRequest)),
                formatCount(place.retained.objects),
                formatRatio(place.objectsPerRequest),
                formatGrowth(place.flat.bytes),
                formatGrowth(place.cum.bytes),
                oneLine(`${place.function} ${position(place)}`),
              ]),
          ],
          'rrrrrrl',
        ),
    grown.length <= SHOWN_PLACES
      ? ''
      : `${plural(grown.length - SHOWN_PLACES, 'more place')}: see result.json.`,
    top?.source === undefined
      ? ''
      : `${oneLine(position(top))}\n${numberedLines(top.source, top.line)}`,
    columns(
      [
        [
          'Round',
          'Requests',
          'Retained',
          'Per request',
          'Objects',
          'In use (sampled)',
          'Goroutines',
        ],
        ...result.rounds.map((round, index) => [
          (index + 1).toString(),
          formatCount(round.requests),
          formatGrowth(round.retainedBytes),
          round.requests === 0 ? '' : formatBytes(Math.round(round.retainedBytes / round.requests)),
          formatCount(round.retainedObjects),
          formatGrowth(round.inuseSpace),
          formatCount(round.goroutines),
        ]),
      ],
      'rrrrrrr',
    ),
    pprof === undefined ? '' : `In the report directory: ${pprof}`,
  ]
}

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
