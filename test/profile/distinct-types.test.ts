import { expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { withDistinctTypes } from '../../src/profile/distinct-types.ts'
import { valueAt } from '../../src/profile/profile.ts'
import { MADE, madeBytes } from '../support/made-profiles.ts'

test('of sample types of one name none is left, and the default is another', () => {
  const profile = withDistinctTypes(decodeProfile(madeBytes(MADE['same-types'])))
  expect(profile.sampleTypes.map(({ type }) => type)).toEqual(['alloc', 'held'])
  expect(profile.defaultSampleType).toBe('alloc')
  expect([valueAt(profile, 1, 0), valueAt(profile, 1, 1)]).toEqual([200, 4096 * 200])
})

test('a profile of different sample types stays as it is', () => {
  const profile = decodeProfile(madeBytes(MADE.addresses))
  expect(withDistinctTypes(profile)).toBe(profile)
})

test('a profile with nothing else is refused', () => {
  const profile = decodeProfile(madeBytes(MADE['only-same-types']))
  expect(() => withDistinctTypes(profile)).toThrow('its sample types have one name: space')
})
