import { UsageError } from '../errors.ts'
import { type CommandLine, type Flag, parseCommandLine } from '../options/command-line.ts'
import { GRANULARITIES } from '../profile/granularity.ts'
import { DEFAULT_OPTIONS, type ReportOptions } from '../views/report.ts'
import { goDecimal, goInteger } from './go-number.ts'
import { plainArguments } from './pprof-arguments.ts'
import type { ProfileSources } from './read-profile.ts'

interface ViewFlag extends Flag {
  /** What stands for the value in the help. */
  readonly placeholder?: string
  readonly summary: string
}

/** Sample types that pprof has flags of their own for. */
const TYPE_FLAGS = ['inuse_space', 'inuse_objects', 'alloc_space', 'alloc_objects'] as const

const GRANULARITY_SUMMARIES: Readonly<Record<(typeof GRANULARITIES)[number], string>> = {
  functions: 'one row for each function (the default)',
  filefunctions: 'one row for each function in each file',
  files: 'one row for each file',
  lines: 'one row for each source line',
  addresses: 'one row for each address',
}

export type ViewFlags = Readonly<Record<string, ViewFlag>>

export const BASE_FLAGS: ViewFlags = {
  base: flag('PROFILE', 'subtract this profile'),
  'diff-base': flag('PROFILE', 'subtract it; percentages are of its total'),
}

/** The flags of every report, named as pprof's; `_` and `-` in a name are the same. */
export const REPORT_FLAGS: ViewFlags = {
  'sample-index': flag('TYPE', 'sample type to show, by name or index'),
  ...Object.fromEntries(
    TYPE_FLAGS.map((type) => [dashed(type), switch_(`same as --sample-index=${type}`)]),
  ),
  focus: flag('REGEX', 'only samples with a matching frame'),
  ignore: flag('REGEX', 'without samples that have a matching frame'),
  hide: flag('REGEX', 'take matching frames out of the stacks'),
  show: flag('REGEX', 'take all other frames out of the stacks'),
  flat: switch_('sort by flat (the default)'),
  cum: switch_('sort by cum'),
  nodecount: flag('N', 'show at most N rows'),
  nodefraction: flag('F', 'leave out rows whose cum is under this share (0.005)'),
  edgefraction: flag('F', 'leave out calls under this share (0.001)'),
  'drop-negative': switch_('leave out rows with a negative value'),
  unit: flag('UNIT', 'unit of all values: B, kB, MB, ms, …, or auto'),
  noinlines: switch_('count inlined functions as their caller'),
  ...Object.fromEntries(
    GRANULARITIES.map((granularity) => [granularity, switch_(GRANULARITY_SUMMARIES[granularity])]),
  ),
  json: switch_('print JSON; values are in the unit of the sample type'),
}

function flag(placeholder: string, summary: string): ViewFlag {
  return { kind: 'value', placeholder, summary }
}

function switch_(summary: string): ViewFlag {
  return { kind: 'switch', summary }
}

function dashed(name: string): string {
  return name.replaceAll('_', '-')
}

/** The flags of a view as lines of its help. */
export function flagLines(flags: ViewFlags): string[] {
  const rows = Object.entries(flags).map(([name, { placeholder, summary }]) => ({
    left: `--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`,
    summary,
  }))
  const width = Math.max(...rows.map(({ left }) => left.length))
  return rows.map(({ left, summary }) => `  ${left.padEnd(width)}  ${summary}`)
}

/** Takes the arguments of a view apart, written as for pprof. */
export function parseViewFlags(
  args: readonly string[],
  flags: Readonly<Record<string, Flag>>,
): CommandLine {
  return parseCommandLine(plainArguments(args, flags), flags)
}

/**
 * The options of a report from flags.
 *
 * @throws UsageError with every mistaken flag.
 */
export function reportOptions(
  { flags }: CommandLine,
  defaults: Partial<ReportOptions> = {},
): ReportOptions {
  const options = { ...DEFAULT_OPTIONS, ...defaults }
  const mistakes: string[] = []
  const onlyOne = <Name extends string>(names: readonly Name[]): Name | undefined => {
    const given = names.filter((name) => flags.has(name))
    if (given.length > 1)
      mistakes.push(`${given.map((name) => `--${name}`).join(' and ')}: give one`)
    return given[0]
  }
  const number = (
    name: string,
    fallback: number,
    read: (text: string) => number | undefined,
  ): number => {
    const text = flags.get(name)
    if (text === undefined) return fallback
    const value = read(text)
    if (value === undefined) mistakes.push(`--${name}: ${JSON.stringify(text)} is no such number`)
    return value ?? fallback
  }
  const typeFlag = onlyOne(['sample-index', ...TYPE_FLAGS.map(dashed)])
  const nodeCount = number('nodecount', -1, goInteger)
  const read: ReportOptions = {
    sampleIndex:
      flags.get('sample-index') ?? (typeFlag === undefined ? '' : typeFlag.replace('-', '_')),
    granularity: onlyOne(GRANULARITIES) ?? options.granularity,
    noInlines: flags.has('noinlines'),
    sort: onlyOne(['flat', 'cum'] as const) ?? 'flat',
    nodeCount: nodeCount === -1 ? options.nodeCount : nodeCount,
    nodeFraction: number('nodefraction', options.nodeFraction, goDecimal),
    edgeFraction: number('edgefraction', options.edgeFraction, goDecimal),
    dropNegative: flags.has('drop-negative'),
    unit: flags.get('unit') ?? options.unit,
    focus: flags.get('focus') ?? '',
    ignore: flags.get('ignore') ?? '',
    hide: flags.get('hide') ?? '',
    show: flags.get('show') ?? '',
  }
  if (mistakes.length > 0) throw new UsageError(mistakes)
  return read
}

/**
 * The profiles that flags and words name.
 *
 * @throws UsageError when there is none, or both kinds of base.
 */
export function profileSources({ flags }: CommandLine, sources: readonly string[]): ProfileSources {
  const base = flags.get('base') ?? ''
  const diffBase = flags.get('diff-base') ?? ''
  const mistakes: string[] = []
  if (sources.length === 0) mistakes.push('a profile is missing')
  if (base !== '' && diffBase !== '') mistakes.push('--base and --diff-base: give one')
  if (mistakes.length > 0) throw new UsageError(mistakes)
  if (diffBase !== '') return { sources, base: { path: diffBase, kind: 'diff_base' } }
  return base === '' ? { sources } : { sources, base: { path: base, kind: 'base' } }
}
