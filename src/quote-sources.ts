import { readSourceLines } from './source/workspace.ts'
import type { Excerpt, Place, Result } from './verdict/result.ts'

const PLACES = 3
const LINES_AROUND = 4
const MAX_LINE_LENGTH = 160

/**
 * The result with the source lines around the places that kept most, where there is something to
 * mend; `root` is the repository.
 */
export function quoteSources(result: Result, root: string): Result {
  if (result.verdict === 'invalid' || result.verdict === 'pass') return result
  const quoted = result.growth
    .filter(({ own, retained }) => own && retained.bytes > 0)
    .slice(0, PLACES)
  const growth = result.growth.map((place) => {
    if (!quoted.includes(place)) return place
    const source = excerpt(place, root)
    return source === undefined ? place : { ...place, source }
  })
  return { ...result, growth }
}

function excerpt(place: Place, root: string): Excerpt | undefined {
  if (place.path === undefined) return undefined
  const read = readSourceLines(root, place.path)
  if (read.kind === 'refused' || place.line < 1 || place.line > read.lines.length) return undefined
  const start = Math.max(1, place.line - LINES_AROUND)
  return {
    firstLine: start,
    lines: read.lines
      .slice(start - 1, place.line + LINES_AROUND)
      .map((line) => (line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line)),
  }
}
