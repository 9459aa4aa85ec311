import { lineOf } from '../verdict/places.ts'
import type { Origin } from '../verdict/result.ts'

/** A line of code, as a profile tells it. */
export interface Located {
  readonly file: string
  readonly line: number
  /** Relative to the repository, if it is inside. */
  readonly path?: string | undefined
}

/** The address of a line at the commit that was measured, or `undefined` outside the repository. */
export function permalink(origin: Origin | undefined, place: Located): string | undefined {
  if (origin === undefined || place.path === undefined) return undefined
  const parts = place.path.split('/')
  // A browser would follow them out of the repository.
  if (parts.includes('.') || parts.includes('..')) return undefined
  const path = parts.map((part) => encodeURIComponent(part.replace(/\p{Cs}/gu, '\ufffd'))).join('/')
  const line = place.line > 0 ? `#L${place.line.toString()}` : ''
  return `${origin.server}/${origin.repository}/blob/${origin.commit}/${path}${line}`
}

/** `handlers/user.go:40`: the file in the repository, else as the profile says it. */
export function position(place: Located): string {
  return (place.path ?? place.file) === '' ? '(unknown file)' : lineOf(place)
}
