import { formatBytes, formatGrowth } from '../units/bytes.ts'
import { formatCount } from '../units/count.ts'
import { culprit } from '../verdict/culprit.ts'
import { budgetFigure, percent } from '../verdict/figure.ts'
import { grownPlaces, retainedBytes } from '../verdict/places.ts'
import type { BudgetReading, GoroutineGrowth, JudgedResult, Place } from '../verdict/result.ts'
import { formatRatio } from './figures.ts'

/** A table for a terminal and for Markdown alike: plain cells that each escapes in its own way. */
export interface Table {
  readonly header: readonly string[]
  /** An `l` or an `r` for each column. */
  readonly alignment: string
  readonly rows: readonly (readonly string[])[]
}

const STATES: Readonly<Record<BudgetReading['trend'], string>> = {
  within: 'within',
  leak: 'over: it goes on',
  plateau: 'over, but it had stopped',
  drain: 'over, but it went away',
  'saw-tooth': 'over, but it rises and falls',
}

/** Every budget, its limit, what was measured, and whether growth goes on. */
export function budgetsTable({ budgets }: JudgedResult): Table {
  return {
    header: ['Budget', 'Limit', 'Measured', ''],
    alignment: 'lrrl',
    rows: budgets.map((budget) => [
      budget.name,
      budgetFigure(budget, budget.limit),
      budgetFigure(budget, budget.measured),
      budget.state === 'near' ? 'near' : STATES[budget.trend],
    ]),
  }
}

/** The figures of places that kept memory; who they are is the caller's last column to add. */
export const PLACE_HEADER = [
  'Retained',
  '± sampling',
  'Per request',
  'Objects',
  'flat',
  'cum',
] as const

/** One place's figures, under `PLACE_HEADER`. */
export function placeFigures(place: Place): readonly string[] {
  return [
    formatGrowth(place.retained.bytes),
    place.bytesError === 0 ? 'exact' : formatBytes(place.bytesError),
    formatBytes(place.bytesPerRequest),
    `${formatCount(place.retained.objects)} (${formatRatio(place.objectsPerRequest)} per request)`,
    formatGrowth(place.flat.bytes),
    formatGrowth(place.cum.bytes),
  ]
}

/** What grew between the snapshots of each round. */
export function roundsTable({ rounds }: JudgedResult): Table {
  return {
    header: ['Round', 'Requests', 'Retained', 'Per request', 'Objects', 'Goroutines'],
    alignment: 'rrrrrr',
    rows: rounds.map((round, index) => [
      (index + 1).toString(),
      formatCount(round.requests),
      formatGrowth(round.retainedBytes),
      round.requests === 0 ? '' : formatBytes(round.retainedBytes / round.requests),
      formatCount(round.retainedObjects),
      formatCount(round.goroutines),
    ]),
  }
}

/** The signals by which operators know a leak, besides the heap. */
export function signalsTable({ retained }: JudgedResult): Table {
  const { leakedGoroutines } = retained
  const placed = `${formatGrowth(retained.inuseSpace)} ± ${formatBytes(retained.inuseSpaceError)}`
  return {
    header: ['Signal', 'Change over the load'],
    alignment: 'lr',
    rows: [
      ['Heap, exact (HeapAlloc)', formatGrowth(retained.bytes)],
      ['Heap, placed by the profile', placed],
      ['Objects (HeapObjects)', formatCount(retained.objects)],
      ['Goroutines', formatCount(retained.goroutines)],
      ...(leakedGoroutines === null
        ? []
        : [['Goroutines proved leaked', formatCount(leakedGoroutines)]]),
      ['Goroutine stacks', formatGrowth(retained.stackInuse)],
      ...known('Resident memory', retained.residentBytes, formatGrowth),
      ...known('Resident memory outside Go', retained.outsideGo, atLeast),
      ...known('Threads', retained.threads, formatCount),
      ['Allocated, kept or not', formatBytes(retained.allocatedBytes)],
      ['Collections', formatCount(retained.gcCount)],
      ['CPU time in collections', percent(retained.gcCpuFraction)],
    ],
  }
}

const atLeast = (bytes: number): string =>
  bytes === 0 ? 'none proved' : `${formatBytes(bytes)} or more`

/** A row, where the figure is known. */
const known = (
  name: string,
  value: number | null,
  format: (value: number) => string,
): readonly (readonly string[])[] => (value === null ? [] : [[name, format(value)]])

/** Goroutines gained by stack: where they wait, what started them. */
export function goroutineFigures(growth: GoroutineGrowth): readonly string[] {
  return [formatCount(growth.gained), growth.leaked ? 'proved leaked' : '']
}

/** Places that kept memory, as a report shows them: the notable ones, and the rest as a sum. */
export function notablePlaces({ growth }: JudgedResult): {
  readonly shown: readonly Place[]
  readonly noise: readonly Place[]
} {
  const grown = grownPlaces(growth)
  const total = retainedBytes(grown)
  const isFolded = (place: Place): boolean =>
    place.noise !== undefined && place.retained.bytes < NOTABLE_SHARE * total
  return {
    shown: ownFirst(grown.filter((place) => !isFolded(place))),
    noise: grown.filter(isFolded),
  }
}

/** The place to look at first before the others. */
function ownFirst(places: readonly Place[]): readonly Place[] {
  const first = culprit(places)
  return first === undefined ? places : [first, ...places.filter((place) => place !== first)]
}

/** Noise that holds this share of the growth is shown like any other place. */
const NOTABLE_SHARE = 0.1
