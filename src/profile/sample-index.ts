import { ProfileError } from './profile-error.ts'
import type { Profile } from './profile.ts'

/**
 * The index of a sample type, by the rules of google/pprof's `SampleIndexByName`: a number, a name,
 * a name with `inuse_` before it, or for nothing the profile's default, and else the last one.
 *
 * @throws ProfileError when the profile has no such sample type; the message lists those it has.
 */
export function sampleIndex(profile: Profile, wanted = ''): number {
  const types = profile.sampleTypes.map(({ type }) => type)
  if (types.length === 0) throw new ProfileError('the profile has no sample types, so no samples')
  if (wanted === '') {
    const byDefault =
      profile.defaultSampleType === '' ? -1 : types.indexOf(profile.defaultSampleType)
    return byDefault >= 0 ? byDefault : types.length - 1
  }
  if (/^[+-]?\d+$/.test(wanted)) {
    const index = Number(wanted)
    if (index >= 0 && index < types.length) return index
    throw new ProfileError(
      `sample index ${wanted} is outside of 0 to ${types.length - 1}`,
      choices(types),
    )
  }
  const withoutInuse = wanted.replace(/^inuse_/, '')
  const index = types.findIndex((type) => type === wanted || type === withoutInuse)
  if (index < 0)
    throw new ProfileError(`the profile has no sample type "${wanted}"`, choices(types))
  return index
}

function choices(types: readonly string[]): { hint: string } {
  return { hint: `It has ${types.join(', ')}.` }
}
