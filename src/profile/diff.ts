import { checkSamePeriod } from './compatible.ts'
import { mergeProfiles } from './merge.ts'
import type { Profile } from './profile.ts'
import { labelledAsDiffBase, negated } from './scale.ts'

/**
 * How a base is subtracted. The rows are the same; with `diff_base` percentages are of the base's
 * total, with `base` they are of the sum of all absolute differences.
 */
export type DiffKind = 'base' | 'diff_base'

/**
 * Subtracts `base` from `current` as `go tool pprof -base` and `-diff_base` do: the base's values
 * are negated, then both are merged. With `diff_base` the base's samples carry a label and stay
 * samples of their own.
 *
 * @throws ProfileError when the profiles can't be compared: of different sample types, or sampled at
 * different periods, which pprof would compare without a word.
 */
export function diffProfiles(base: Profile, current: Profile, kind: DiffKind): Profile {
  checkSamePeriod([base, current])
  return mergeProfiles([current, negated(kind === 'diff_base' ? labelledAsDiffBase(base) : base)])
}
