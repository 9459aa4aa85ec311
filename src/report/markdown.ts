import { markdownTable } from 'markdown-table'
import { formatBytes, formatGrowth } from '../units/bytes.ts'
import { formatCount, plural } from '../units/count.ts'
import type { InvalidResult, JudgedResult, Origin, Place, Result } from '../verdict/result.ts'
import { numberedLines } from './excerpt.ts'
import { budgetFigure, formatRatio, whatRan } from './figures.ts'
import { HEADLINES } from './headline.ts'
import { permalink, position } from './links.ts'
import { codeBlock, codeLink, inlineCode, plainText } from './markdown-text.ts'
import { gateCommand, pprofCommand } from './reproduce.ts'

const SHOWN_PLACES = 10
const EXCERPTS = 3

/**
 * The report as GitHub Markdown, at most `maxLength` characters: whole sections are left out from
 * the end, the verdict never, and what is left out is said.
 */
export function renderMarkdown(result: Result, maxLength: number): string {
  const verdict = verdictSection(result)
  const sections = [...notes(result), ...details(result)]
  const whole = [verdict, ...sections].join('\n\n')
  if (whole.length < maxLength) return `${whole}\n`
  const note =
    '_The rest of this report is too long for this place; the report directory has all of it._'
  const kept = [verdict]
  let length = verdict.length + note.length + 4
  for (const section of sections) {
    if (length + section.length + 2 > maxLength) break
    kept.push(section)
    length += section.length + 2
  }
  return `${[...kept, note].join('\n\n')}\n`
}

function verdictSection(result: Result): string {
  const { sign, words } = HEADLINES[result.verdict]
  const hint =
    result.verdict === 'invalid' && result.hint !== undefined ? ` ${plainText(result.hint)}` : ''
  return `### ${sign} heapgate: ${words}\n\n${plainText(result.reason)}${hint}`
}

function notes(result: Result): readonly string[] {
  return result.notes.map((note) => `> ${plainText(note)}`)
}

function details(result: Result): readonly string[] {
  const ran = [
    folded('What ran', whatRanTable(result)),
    folded('Reproduce it', reproduction(result)),
  ]
  if (result.verdict === 'invalid') return [...failureLog(result), ...ran]
  const grown = result.growth.filter(({ retained }) => retained.bytes > 0)
  return [
    budgetsTable(result),
    ...growthTable(grown, result.origin),
    ...excerpts(grown, result.origin),
    folded('Growth per round', roundsTable(result)),
    ...ran,
  ]
}

function failureLog({ measurement }: InvalidResult): readonly string[] {
  const log = measurement.kind === 'broken' ? measurement.failure.log : undefined
  return log === undefined ? [] : [`The end of its output:\n\n${codeBlock(log)}`]
}

function budgetsTable({ budgets }: JudgedResult): string {
  const rows = budgets.map(({ name, unit, limit, measured, state }) => [
    inlineCode(name),
    budgetFigure(unit, limit),
    `${state === 'over' ? '**' : ''}${budgetFigure(unit, measured)}${state === 'over' ? '**' : ''}`,
    state === 'over' ? '❌ over' : '✅ within',
  ])
  return table(['Budget', 'Limit', 'Measured', ''], rows, 'lrrl')
}

function growthTable(grown: readonly Place[], origin: Origin | undefined): readonly string[] {
  if (grown.length === 0) return []
  const rows = grown.slice(0, SHOWN_PLACES).map((place) => {
    const link = permalink(origin, place)
    const where = position(place)
    const through = place.allocatedIn === undefined ? '' : `<br>in ${inlineCode(place.allocatedIn)}`
    return [
      `${inlineCode(place.function)}<br>${link === undefined ? inlineCode(where) : codeLink(where, link)}${through}`,
      formatGrowth(place.retained.bytes),
      formatBytes(Math.round(place.bytesPerRequest)),
      `${formatCount(place.retained.objects)} (${formatRatio(place.objectsPerRequest)})`,
      formatGrowth(place.flat.bytes),
      formatGrowth(place.cum.bytes),
    ]
  })
  const rest = grown.slice(SHOWN_PLACES)
  const more =
    rest.length === 0
      ? ''
      : `\n\n${plural(rest.length, 'more place')} with ${formatBytes(rest.reduce((sum, place) => sum + place.retained.bytes, 0))}: see result.json.`
  const header = ['Kept by', 'Retained', 'Per request', 'Objects (per request)', 'flat', 'cum']
  return [`#### Growth by function\n\n${table(header, rows, 'lrrrrr')}${more}`]
}

function excerpts(grown: readonly Place[], origin: Origin | undefined): readonly string[] {
  return grown
    .filter(({ source }) => source !== undefined)
    .slice(0, EXCERPTS)
    .flatMap((place) => {
      if (place.source === undefined) return []
      const link = permalink(origin, place)
      const where = position(place)
      const title = link === undefined ? inlineCode(where) : codeLink(where, link)
      return [`${title}\n\n${codeBlock(numberedLines(place.source, place.line), 'go')}`]
    })
}

function roundsTable({ rounds }: JudgedResult): string {
  const rows = rounds.map((round, index) => [
    (index + 1).toString(),
    formatCount(round.requests),
    formatGrowth(round.retainedBytes),
    round.requests === 0 ? '' : formatBytes(Math.round(round.retainedBytes / round.requests)),
    formatCount(round.retainedObjects),
    formatGrowth(round.inuseSpace),
    formatCount(round.goroutines),
  ])
  const header = [
    'Round',
    'Requests',
    'Retained',
    'Per request',
    'Objects',
    'In use (sampled)',
    'Goroutines',
  ]
  return table(header, rows, 'rrrrrrr')
}

function whatRanTable({ measurement, origin }: Result): string {
  const rows = whatRan(measurement).map(([name, value]) => [name, inlineCode(value)])
  const commit = origin === undefined ? [] : [['Commit', inlineCode(origin.commit)]]
  const run = origin?.run === undefined ? [] : [['Run', codeLink(origin.run, origin.run)]]
  return table(['', ''], [...rows, ...commit, ...run], 'll')
}

function reproduction({ measurement }: Result): string {
  const pprof = pprofCommand(measurement)
  const open =
    pprof === undefined
      ? ''
      : `\n\nThe profiles are in the report directory; this opens the growth in pprof:\n\n${codeBlock(pprof, 'sh')}`
  return `${codeBlock(gateCommand(measurement.setup), 'sh')}${open}`
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** A table; `alignment` has an `l` or an `r` for each column. */
function table(header: string[], rows: string[][], alignment: string): string {
  return markdownTable([header, ...rows], { align: alignment.split(''), alignDelimiters: false })
}
