import type { Profile } from './profile.ts'
import { sampleIndex } from './sample-index.ts'

/**
 * The sum of one sample type over all samples, signs kept.
 *
 * @throws ProfileError when the profile has no such sample type.
 */
export function sampleTotal(profile: Profile, type: string): number {
  const index = sampleIndex(profile, type)
  const width = profile.sampleTypes.length
  const { values } = profile.samples
  let total = 0
  for (let at = index; at < values.length; at += width) total += values[at] ?? 0
  return total
}
