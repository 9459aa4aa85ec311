import { checkCompatible } from './compatible.ts'
import { Merger } from './merger.ts'
import { ProfileError } from './profile-error.ts'
import { isZeroSample, type Profile } from './profile.ts'

/**
 * Adds profiles up as google/pprof's `Merge` does: samples with the same call stack and labels
 * become one, samples that are zero in every value are dropped, and so is what no sample uses.
 * Stacks are the same when their locations have the same address relative to the mapping, the same
 * functions and lines; mappings are the same when their size, offset, and build id or file are.
 *
 * The period is the largest, the time the earliest, the duration the sum.
 *
 * @throws ProfileError when there is no profile, when they can't be added up, or when the sums pass
 * 2^53.
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  checkCompatible(profiles)
  const [first] = profiles
  if (first === undefined) throw new ProfileError('there is no profile to merge')

  const merger = new Merger(profiles)
  for (const profile of profiles) merger.add(profile)
  const merged: Profile = {
    ...first,
    ...mergedHeader(profiles),
    mappings: merger.mappings,
    functions: merger.functions,
    locations: merger.locations(),
    samples: merger.samples(),
  }
  // Values that cancelled out leave zero samples: once more drops them and what only they used.
  return hasZeroSample(merged) ? mergeProfiles([merged]) : merged
}

function mergedHeader(
  profiles: readonly Profile[],
): Pick<
  Profile,
  'timeNanos' | 'durationNanos' | 'period' | 'comments' | 'defaultSampleType' | 'docUrl'
> {
  let timeNanos = 0n
  let durationNanos = 0
  let period = 0
  for (const profile of profiles) {
    if (timeNanos === 0n || profile.timeNanos < timeNanos) timeNanos = profile.timeNanos
    durationNanos += profile.durationNanos
    period = period === 0 ? profile.period : Math.max(period, profile.period)
  }
  const firstText = (texts: readonly string[]): string => texts.find((text) => text !== '') ?? ''
  return {
    timeNanos,
    durationNanos,
    period,
    comments: [...new Set(profiles.flatMap(({ comments }) => comments))],
    defaultSampleType: firstText(profiles.map(({ defaultSampleType }) => defaultSampleType)),
    docUrl: firstText(profiles.map(({ docUrl }) => docUrl)),
  }
}

function hasZeroSample(profile: Profile): boolean {
  for (let index = 0; index < profile.samples.count; index++) {
    if (isZeroSample(profile, index)) return true
  }
  return false
}
