import { markdownTable } from 'markdown-table'
import { formatBytes, formatGrowth } from '../units/bytes.ts'
import { formatCount, plural } from '../units/count.ts'
import { NOISE_RULES } from '../verdict/noise-rules.ts'
import { retainedBytes } from '../verdict/places.ts'
import type { InvalidResult, JudgedResult, Origin, Place, Result } from '../verdict/result.ts'
import { numberedLines } from './excerpt.ts'
import { whatRan } from './figures.ts'
import { HEADLINES } from './headline.ts'
import { type Located, permalink, position } from './links.ts'
import { codeBlock, codeLink, inlineCode, plainText } from './markdown-text.ts'
import { gateCommand, pprofCommand } from './reproduce.ts'
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
  const { shown, noise } = notablePlaces(result)
  return [
    budgets(result),
    ...growthTable(result, shown, noise),
    ...excerpts(shown, result.origin),
    ...goroutines(result),
    folded('Growth per round', markdown(roundsTable(result))),
    folded('Other signals', markdown(signalsTable(result))),
    ...ignored(result),
    ...ran,
  ]
}

function failureLog({ measurement }: InvalidResult): readonly string[] {
  const log = measurement.kind === 'broken' ? measurement.failure.log : undefined
  return log === undefined ? [] : [`The end of its output:\n\n${codeBlock(log)}`]
}

function budgets(result: JudgedResult): string {
  const { header, rows, alignment } = budgetsTable(result)
  const marked = rows.map(([name = '', limit = '', measured = '', state = ''], index) => {
    const mark = MARKS[result.budgets[index]?.state ?? 'within']
    return [inlineCode(name), limit, measured, `${mark} ${state}`]
  })
  return markdown({ header, rows: marked, alignment })
}

const MARKS = { within: '✅', near: '⚠️', over: '❌' } as const

function growthTable(
  { verdict, origin }: JudgedResult,
  places: readonly Place[],
  noise: readonly Place[],
): readonly string[] {
  if (places.length === 0) return []
  const rest = places.slice(SHOWN_PLACES)
  const more =
    rest.length === 0
      ? ''
      : `\n\n${plural(rest.length, 'more place')} with ${formatBytes(retainedBytes(rest))}: see result.json.`
  const rows = places.slice(0, SHOWN_PLACES).map((place) => placeRow(place, origin))
  const shown = placesTable(rows)
  const folds =
    noise.length === 0
      ? []
      : [
          folded(
            `Noise of the runtime: ${formatBytes(retainedBytes(noise))} in ${plural(noise.length, 'place')}`,
            `${placesTable(noise.slice(0, SHOWN_PLACES).map((place) => placeRow(place, origin)))}\n\n${noiseReasons(noise)}`,
          ),
        ]
  const title = 'Growth by function'
  const table = `${shown}${more}`
  // What passes is read by few.
  return [verdict === 'pass' ? folded(title, table) : `#### ${title}\n\n${table}`, ...folds]
}

function placesTable(rows: readonly (readonly string[])[]): string {
  return markdown({ header: ['Kept by', ...PLACE_HEADER], rows, alignment: 'lrrrrrr' })
}

function placeRow(place: Place, origin: Origin | undefined): readonly string[] {
  const through = place.allocatedIn === undefined ? '' : `<br>in ${inlineCode(place.allocatedIn)}`
  return [
    `${inlineCode(place.function)}<br>${linked(place, origin)}${through}`,
    ...placeFigures(place),
  ]
}

function noiseReasons(noise: readonly Place[]): string {
  return NOISE_RULES.filter(({ name }) => noise.some((place) => place.noise === name))
    .map(({ name, reason }) => `- ${name}: ${reason}`)
    .join('\n')
}

function goroutines(result: JudgedResult): readonly string[] {
  const { origin } = result
  if (result.goroutines.length === 0) return []
  const rows = result.goroutines
    .slice(0, SHOWN_PLACES)
    .map((growth) => [
      ...goroutineFigures(growth),
      `${inlineCode(growth.function)}<br>${linked(growth, origin)}`,
      inlineCode(growth.waitsIn),
      growth.createdBy === undefined
        ? inlineCode(growth.startedBy)
        : `${inlineCode(growth.createdBy.function)}<br>${linked(growth.createdBy, origin)}`,
    ])
  const header = ['Gained', '', 'Waits at', 'In', 'Started by']
  return [`#### Goroutines gained\n\n${markdown({ header, rows, alignment: 'rllll' })}`]
}

function ignored({ ignored: rules }: JudgedResult): readonly string[] {
  if (rules.length === 0) return []
  const rows = rules.map(({ pattern, reason = '', stacks, retained }) => [
    inlineCode(pattern),
    plainText(reason),
    formatCount(stacks),
    formatGrowth(retained.bytes),
  ])
  const header = ['Pattern', 'Reason', 'Stacks', 'Taken out']
  return [folded('Ignored', markdown({ header, rows, alignment: 'llrr' }))]
}

function linked(place: Located, origin: Origin | undefined): string {
  const link = permalink(origin, place)
  const where = position(place)
  return link === undefined ? inlineCode(where) : codeLink(where, link)
}

function excerpts(grown: readonly Place[], origin: Origin | undefined): readonly string[] {
  return grown
    .filter(({ source }) => source !== undefined)
    .slice(0, EXCERPTS)
    .flatMap((place) => {
      if (place.source === undefined) return []
      return [
        `${linked(place, origin)}\n\n${codeBlock(numberedLines(place.source, place.line), 'go')}`,
      ]
    })
}

function whatRanTable({ measurement, origin }: Result): string {
  const rows = whatRan(measurement).map(([name, value]) => [name, inlineCode(value)])
  const commit = origin === undefined ? [] : [['Commit', inlineCode(origin.commit)]]
  const run = origin?.run === undefined ? [] : [['Run', codeLink(origin.run, origin.run)]]
  return markdown({ header: ['', ''], rows: [...rows, ...commit, ...run], alignment: 'll' })
}

function reproduction(result: Result): string {
  const { measurement } = result
  const pprof = pprofCommand(measurement)
  const open =
    pprof === undefined
      ? ''
      : `\n\nThe profiles are in the report directory; this opens the growth in pprof:\n\n${codeBlock(pprof, 'sh')}`
  return `${codeBlock(gateCommand(result), 'sh')}${open}`
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

function markdown({ header, rows, alignment }: Table): string {
  return markdownTable([header, ...rows], { align: alignment.split(''), alignDelimiters: false })
}
