import { formatBytes } from '../units/bytes.ts'
import { plural } from '../units/count.ts'
import { grownPlaces, retainedBytes } from '../verdict/places.ts'
import type {
  BudgetReading,
  GoroutineGrowth,
  JudgedResult,
  Place,
  Result,
} from '../verdict/result.ts'
import { oneLine, visibleControls } from './markdown-text.ts'

/** A note on a line of the pull request. */
export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly title: string
  readonly message: string
  readonly file?: string
  readonly line?: number
}

/** A place is annotated when it holds at least this share of the growth. */
const NOTABLE_SHARE = 0.05
const MAX_ANNOTATIONS = 5

/** Annotations of a result: on each line that kept much, or one without a line. */
export function annotationsOf(result: Result): readonly Annotation[] {
  if (result.verdict === 'pass') return []
  const title = `heapgate: ${result.verdict}`
  const level = result.verdict === 'warn' ? 'warning' : 'error'
  const whole = { level, title, message: visibleControls(result.reason) } as const
  if (result.verdict === 'invalid') return [whole]
  const told = result.budgets.filter(({ state }) => state !== 'within').map(({ name }) => name)
  const notes = [
    ...(isHeapTold(result) ? heapNotes(result) : []),
    ...(told.some((name) => name.includes('goroutine')) ? goroutineNotes(result) : []),
  ].slice(0, MAX_ANNOTATIONS)
  return notes.length === 0 ? [whole] : notes.map((note) => ({ level, title, ...note }))
}

type LineNote = Pick<Annotation, 'message' | 'file' | 'line'>

const isHeap = ({ name }: BudgetReading): boolean => name.startsWith('max-retained')

const isHeapTold = ({ budgets, growth }: JudgedResult): boolean =>
  budgets.some((budget) => isHeap(budget) && budget.state !== 'within') || growth.some(isLasting)

const isLasting = ({ lasting }: Place): boolean => lasting === true

/** Where the total hides a line that goes on, that line is told, and none of what hides it. */
function heapNotes({ budgets, growth }: JudgedResult): readonly LineNote[] {
  const isTotalLeak = budgets.some(
    (budget) => isHeap(budget) && budget.trend === 'leak' && budget.later === undefined,
  )
  const isHidden = !isTotalLeak && growth.some(isLasting)
  const grown = grownPlaces(growth)
  const total = retainedBytes(grown)
  const isNotable = (place: Place): boolean =>
    isHidden ? isLasting(place) : place.retained.bytes >= NOTABLE_SHARE * total
  return grown.flatMap((place) =>
    place.own && place.path !== undefined && isNotable(place)
      ? [{ message: placeMessage(place), file: place.path, line: place.line }]
      : [],
  )
}

function goroutineNotes({ goroutines }: JudgedResult): readonly LineNote[] {
  const total = goroutines.reduce((sum, { gained }) => sum + gained, 0)
  return goroutines.flatMap((growth) => {
    const at = growth.path === undefined ? growth.createdBy : growth
    return at?.path === undefined || growth.gained < NOTABLE_SHARE * total
      ? []
      : [{ message: goroutineMessage(growth), file: at.path, line: at.line }]
  })
}

function goroutineMessage({ gained, leaked, startedBy, waitsIn }: GoroutineGrowth): string {
  const proof = leaked ? ', which the runtime proves leaked' : ''
  return `${plural(gained, 'goroutine')} more of ${oneLine(startedBy)} than before the load wait in ${oneLine(waitsIn)}${proof}.`
}

function placeMessage(place: Place): string {
  const through =
    place.allocatedIn === undefined ? '' : `, allocated in ${oneLine(place.allocatedIn)}`
  return `${oneLine(place.function)} keeps ${formatBytes(place.retained.bytes)} more after the load than before (${formatBytes(Math.round(place.bytesPerRequest))} per request${through}).`
}
