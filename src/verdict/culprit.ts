import { grownPlaces, retainedBytes } from './places.ts'
import type { Place } from './result.ts'

/** A place in the user's code is named before larger ones elsewhere when it holds this share. */
const NAMED_SHARE = 0.05

/**
 * The place to look at first: the one of the user's own that kept most, for the rest hangs on it
 * more often than not (a response that is not closed keeps the buffers of its connection); else the
 * largest that is no noise of the runtime.
 */
export function culprit(growth: readonly Place[]): Place | undefined {
  const grown = grownPlaces(growth)
  const total = retainedBytes(grown)
  return (
    grown.find(({ own, retained }) => own && retained.bytes >= NAMED_SHARE * total) ??
    grown.find(({ noise }) => noise === undefined)
  )
}
