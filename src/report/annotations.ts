import { formatBytes } from '../units/bytes.ts'
import type { Place, Result } from '../verdict/result.ts'
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
  const grown = result.growth.filter(({ retained }) => retained.bytes > 0)
  const total = grown.reduce((sum, place) => sum + place.retained.bytes, 0)
  const notable = grown
    .filter(
      ({ own, path, retained }) =>
        own && path !== undefined && retained.bytes >= NOTABLE_SHARE * total,
    )
    .slice(0, MAX_ANNOTATIONS)
  if (notable.length === 0) return [whole]
  return notable.map((place) => ({
    level,
    title,
    message: placeMessage(place),
    file: place.path ?? place.file,
    line: place.line,
  }))
}

function placeMessage(place: Place): string {
  const through =
    place.allocatedIn === undefined ? '' : `, allocated in ${oneLine(place.allocatedIn)}`
  return `${oneLine(place.function)} keeps ${formatBytes(place.retained.bytes)} more after the load than before (${formatBytes(Math.round(place.bytesPerRequest))} per request${through}).`
}
