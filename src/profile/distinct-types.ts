import { ProfileError } from './profile-error.ts'
import type { Profile } from './profile.ts'

/**
 * The profile with the sample types alone whose name no other has: `CompatibilizeSampleTypes` of
 * google/pprof takes a name that comes twice for one that the profiles have not in common.
 *
 * @throws ProfileError when no sample type is left.
 */
export function withDistinctTypes(profile: Profile): Profile {
  const { sampleTypes, samples } = profile
  const names = sampleTypes.map(({ type }) => type)
  const kept = [...names.keys()].filter(
    (index) => names.indexOf(names[index] ?? '') === names.lastIndexOf(names[index] ?? ''),
  )
  if (kept.length === names.length) return profile
  if (kept.length === 0) {
    throw new ProfileError(`its sample types have one name: ${[...new Set(names)].join(', ')}`)
  }
  const keptNames = kept.map((index) => names[index] ?? '')
  const values = new Float64Array(samples.count * kept.length)
  for (let sample = 0; sample < samples.count; sample++) {
    kept.forEach((from, to) => {
      values[sample * kept.length + to] = samples.values[sample * names.length + from] ?? 0
    })
  }
  return {
    ...profile,
    sampleTypes: sampleTypes.filter((_, index) => kept.includes(index)),
    defaultSampleType: keptNames.includes(profile.defaultSampleType)
      ? profile.defaultSampleType
      : (keptNames[0] ?? ''),
    samples: { ...samples, values },
  }
}
