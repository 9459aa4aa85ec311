import { filterByName, type NameFilter, type NameFilterKind } from '../profile/filter.ts'
import type { Granularity } from '../profile/granularity.ts'
import { isDiffBase } from '../profile/labels.ts'
import { type Profile, valueAt } from '../profile/profile.ts'
import { withoutDroppedFrames } from '../profile/prune.ts'
import { type Expression, goRegExp } from '../profile/regexp.ts'
import { sampleIndex } from '../profile/sample-index.ts'
import { withPrintedNames } from '../profile/symbolize.ts'
import { withoutSourceUrls } from '../profile/unsource.ts'
import { label, percentage } from './measurement.ts'
import { printable } from './printable.ts'

/** The options of a view; names and defaults are those of pprof's flags. */
export interface ReportOptions {
  /** Name or index of the sample type; `''` is the profile's default. */
  readonly sampleIndex: string
  readonly granularity: Granularity
  readonly noInlines: boolean
  readonly sort: 'flat' | 'cum'
  /** How many nodes are shown; 0 is all. */
  readonly nodeCount: number
  /** Nodes whose cum is under this share of the shown total are left out. */
  readonly nodeFraction: number
  readonly edgeFraction: number
  readonly dropNegative: boolean
  /** `minimum` is one unit for all, chosen by the smallest value. */
  readonly unit: string
  /** Regular expressions in Go's syntax; `''` is none. */
  readonly focus: string
  readonly ignore: string
  readonly hide: string
  readonly show: string
}

export const DEFAULT_OPTIONS: ReportOptions = {
  sampleIndex: '',
  granularity: 'functions',
  noInlines: false,
  sort: 'flat',
  nodeCount: 0,
  nodeFraction: 0.005,
  edgeFraction: 0.001,
  dropNegative: false,
  unit: 'minimum',
  focus: '',
  ignore: '',
  hide: '',
  show: '',
}

/** A profile made ready for a view. */
export interface Report {
  /** With printed names, filtered. */
  readonly profile: Profile
  readonly options: ReportOptions
  /** Index of the sample type. */
  readonly type: number
  /** Of the values; printable, because every value is written with it. */
  readonly unit: string
  /** Before filtering: what percentages are of. */
  readonly total: number
  /** Unit by key of the number labels. */
  readonly labelUnits: ReadonlyMap<string, string>
  /** The filters that matched nothing, for a warning. */
  readonly unmatched: readonly NameFilterKind[]
}

const FILTERS = ['focus', 'ignore', 'hide', 'show'] as const

/**
 * Names, prunes, totals and filters a profile, in the order in which pprof does.
 *
 * @throws ProfileError when the sample type does not exist or an expression is mistaken.
 */
export async function prepareReport(profile: Profile, options: ReportOptions): Promise<Report> {
  const pruned = withoutSourceUrls(await withoutDroppedFrames(withPrintedNames(profile)))
  const type = sampleIndex(pruned, options.sampleIndex)
  const filtered = filterByName(pruned, await nameFilter(options))
  return {
    profile: filtered.profile,
    options,
    type,
    unit: printable(pruned.sampleTypes[type]?.unit ?? ''),
    total: totalOf(pruned, type),
    labelUnits: numberLabelUnits(pruned),
    unmatched: filtered.unmatched,
  }
}

async function nameFilter(options: ReportOptions): Promise<NameFilter> {
  const filter: Partial<Record<NameFilterKind, Expression>> = {}
  for (const kind of FILTERS) {
    if (options[kind] !== '') filter[kind] = await goRegExp(options[kind], `--${kind}`)
  }
  return filter
}

/** The sum of the absolute values; with a diff base, of its samples alone. */
function totalOf(profile: Profile, type: number): number {
  const { samples } = profile
  const isBase = samples.labelSets.map(isDiffBase)
  let total = 0
  let base = 0
  for (let sample = 0; sample < samples.count; sample++) {
    const value = Math.abs(valueAt(profile, sample, type))
    total += value
    if (isBase[samples.labels[sample] ?? 0] === true) base += value
  }
  return base > 0 ? base : total
}

/** The first unit that samples give for each key, or what the key itself says. */
function numberLabelUnits(profile: Profile): ReadonlyMap<string, string> {
  const units = new Map<string, string>()
  const keys = new Set<string>()
  const seen = new Uint8Array(profile.samples.labelSets.length)
  for (const index of profile.samples.labels) {
    if (seen[index] === 1) continue
    seen[index] = 1
    for (const { key, units: given } of profile.samples.labelSets[index]?.numbers ?? []) {
      keys.add(key)
      const first = given.find((unit) => unit !== '')
      if (first !== undefined && !units.has(key)) units.set(key, first)
    }
  }
  for (const key of keys) {
    if (!units.has(key)) units.set(key, key === 'alignment' || key === 'request' ? 'bytes' : key)
  }
  return units
}

/** Writes values of one report, in one unit. */
export interface Format {
  readonly value: (value: number) => string
  readonly percentage: (value: number) => string
}

/** `unit` is the unit of the report, which a view may have chosen for its nodes. */
export function formatOf(report: Report, unit = report.options.unit): Format {
  return {
    value: (value) => label(value, report.unit, unit),
    percentage: (value) => percentage(value, report.total),
  }
}
