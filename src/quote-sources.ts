import type { Workspace } from './source/workspace.ts'
import type { Excerpt, Place, Result } from './verdict/result.ts'

const PLACES = 3
const LINES_AROUND = 4
const MAX_LINE_LENGTH = 160

/** The result with the source lines around the places that kept most. */
export async function quoteSources(result: Result, workspace: Workspace): Promise<Result> {
  if (result.verdict === 'invalid') return result
  const growth = await Promise.all(
    result.growth.map(async (place, index) => {
      if (index >= PLACES || !place.own || place.retained.bytes <= 0) return place
      const source = await excerpt(place, workspace)
      return source === undefined ? place : { ...place, source }
    }),
  )
  return { ...result, growth }
}

async function excerpt(place: Place, workspace: Workspace): Promise<Excerpt | undefined> {
  if (place.path === undefined) return undefined
  const lines = await workspace.readLines(place.path)
  if (lines === undefined || place.line < 1 || place.line > lines.length) return undefined
  const start = Math.max(1, place.line - LINES_AROUND)
  return {
    firstLine: start,
    lines: lines
      .slice(start - 1, place.line + LINES_AROUND)
      .map((line) => (line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line)),
  }
}
