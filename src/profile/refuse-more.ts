import { ProfileError } from './profile-error.ts'

/**
 * What becomes an object each: a few bytes of a bomb would cost a hundred of memory. Linux allows a
 * process 65,530 mappings, and the largest Go programs have some 200,000 functions.
 */
const MOST = {
  'sample types': 1000,
  mappings: 2 ** 18,
  functions: 2 ** 22,
  comments: 2 ** 18,
  'label sets': 2 ** 20,
} as const

/**
 * Refuses a profile that has more of something than any program has.
 *
 * @throws ProfileError
 */
export function refuseMore(what: keyof typeof MOST, count: number): void {
  if (count <= MOST[what]) return
  throw new ProfileError(`the profile has more than ${MOST[what]} ${what}`, {
    hint: 'No program has so many: where does the profile come from?',
  })
}
