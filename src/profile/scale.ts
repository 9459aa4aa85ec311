import { DIFF_BASE, withTextLabel } from './labels.ts'
import { isZeroSample, type Profile } from './profile.ts'

/** The profile with every value negated and without samples that are zero. */
export function negated(profile: Profile): Profile {
  const values = profile.samples.values.map((value) => 0 - value)
  return withSamples({ ...profile, samples: { ...profile.samples, values } }, (index) => {
    return !isZeroSample(profile, index)
  })
}

/** The profile with every sample labelled as belonging to the base of a diff. */
export function labelledAsDiffBase(profile: Profile): Profile {
  const labelSets = profile.samples.labelSets.map((set) =>
    withTextLabel(set, DIFF_BASE.key, [DIFF_BASE.value]),
  )
  return { ...profile, samples: { ...profile.samples, labelSets } }
}

/** The profile with the samples for which `keep` says so. */
export function withSamples(profile: Profile, keep: (index: number) => boolean): Profile {
  const { samples } = profile
  const types = profile.sampleTypes.length
  const locationStart = new Uint32Array(samples.count + 1)
  const location = new Uint32Array(samples.location.length)
  const values = new Float64Array(samples.values.length)
  const labels = new Uint32Array(samples.count)
  let count = 0
  let locations = 0
  for (let index = 0; index < samples.count; index++) {
    if (!keep(index)) continue
    const start = samples.locationStart[index] ?? 0
    const end = samples.locationStart[index + 1] ?? 0
    location.set(samples.location.subarray(start, end), locations)
    values.set(samples.values.subarray(index * types, (index + 1) * types), count * types)
    labels[count] = samples.labels[index] ?? 0
    locations += end - start
    count += 1
    locationStart[count] = locations
  }
  if (count === samples.count) return profile
  return {
    ...profile,
    samples: {
      count,
      locationStart: locationStart.subarray(0, count + 1),
      location: location.subarray(0, locations),
      values: values.subarray(0, count * types),
      labels: labels.subarray(0, count),
      labelSets: samples.labelSets,
    },
  }
}
