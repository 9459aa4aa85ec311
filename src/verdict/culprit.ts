import { grownPlaces, retainedBytes } from './places.ts'
import type { Place } from './result.ts'

/** A place in the user's code is named before larger ones elsewhere when it holds this share. */
const NAMED_SHARE = 0.05

/**
 * The place to look at first: one whose line kept more in every round; else, among those of the
 * user's own that hold a share, the one that kept most in the last half of the rounds, for a cache
 * that filled before it is not what goes on; where nothing goes on, the one that kept most of all. The
 * rest hangs on it more often than not (a response that is not closed keeps the buffers of its
 * connection). Without such a place, the largest that is no noise of the runtime.
 */
export function culprit(growth: readonly Place[]): Place | undefined {
  const grown = grownPlaces(growth)
  const least = NAMED_SHARE * retainedBytes(grown)
  const own = grown.filter((place) => place.own && place.retained.bytes >= least)
  const lasting = mostLately(growth.filter((place) => place.lasting === true))
  const goingOn = mostLately(own.filter(({ latelyBytes }) => latelyBytes >= least))
  return lasting ?? goingOn ?? own[0] ?? grown.find(({ noise }) => noise === undefined)
}

const mostLately = (places: readonly Place[]): Place | undefined =>
  places.reduce<Place | undefined>(
    (most, place) => (most === undefined || place.latelyBytes > most.latelyBytes ? place : most),
    undefined,
  )
