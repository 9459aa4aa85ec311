import { ProfileError } from './profile-error.ts'
import type { Profile, ValueType } from './profile.ts'

/**
 * Checks that profiles can be added up or compared: the same sample types in the same order, and
 * the same period type. google/pprof asks for no more; their periods may differ.
 *
 * @throws ProfileError with both sides of the first difference.
 */
export function checkCompatible(profiles: readonly Profile[]): void {
  const [first] = profiles
  if (first === undefined) throw new ProfileError('there is no profile to merge')
  for (const other of profiles) {
    const types = [typesText(first.sampleTypes), typesText(other.sampleTypes)] as const
    if (types[0] !== types[1]) {
      throw new ProfileError(
        `the profiles have different sample types: ${types[0]} and ${types[1]}`,
        { hint: 'Compare profiles of one kind, such as two of /debug/pprof/heap.' },
      )
    }
    const periods = [typesText([first.periodType]), typesText([other.periodType])] as const
    if (periods[0] !== periods[1]) {
      throw new ProfileError(
        `the profiles have different period types: ${periods[0]} and ${periods[1]}`,
        { hint: 'Compare profiles of one kind, such as two of /debug/pprof/heap.' },
      )
    }
  }
}

/**
 * Checks that profiles were sampled at one rate. pprof does not, and then compares estimates of
 * different error without a word.
 *
 * @throws ProfileError with the two periods.
 */
export function checkSamePeriod(profiles: readonly Profile[]): void {
  const [first] = profiles
  for (const other of profiles) {
    if (first === undefined || other.period === first.period) continue
    const unit = first.periodType.unit === '' ? '' : ` ${first.periodType.unit}`
    throw new ProfileError(
      `the profiles were sampled at different periods: ${first.period}${unit} and ${other.period}${unit}`,
      { hint: 'Set the same MemProfileRate (GODEBUG=memprofilerate=N) in both processes.' },
    )
  }
}

function typesText(types: readonly ValueType[]): string {
  return types.map(({ type, unit }) => `${type}/${unit}`).join(' ')
}
