import { describe, expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { diffProfiles } from '../../src/profile/diff.ts'
import { encodeProfile, encodeProfileGzip } from '../../src/profile/encode.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { recordedNames, recordedProfile } from '../support/recorded-profiles.ts'

/** Each sample with its own labels: which of them share a label set is no property of a profile. */
function plain(profile: Profile): unknown {
  const { samples, ...rest } = profile
  return {
    ...rest,
    samples: {
      ...samples,
      labels: [...samples.labels].map((set) => samples.labelSets[set]),
      labelSets: [],
    },
  }
}

describe('encoding', () => {
  test.each(recordedNames())('%s is the same after encoding and decoding', (name) => {
    const profile = recordedProfile(name)
    expect(plain(decodeProfile(encodeProfileGzip(profile)))).toEqual(plain(profile))
  })

  test('a diff with negative values and labels is the same after encoding and decoding', () => {
    const diff = diffProfiles(
      recordedProfile('go1.27-rate-1/heap-0.pb.gz'),
      recordedProfile('go1.27-rate-1/heap-1.pb.gz'),
      'diff_base',
    )
    expect(Math.min(...diff.samples.values)).toBeLessThan(0)
    expect(plain(decodeProfile(encodeProfile(diff)))).toEqual(plain(diff))
  })

  test('addresses and times beyond 2^53 are written exactly', () => {
    const profile = recordedProfile('go1.27-rate-1/heap-0.pb.gz')
    const address = profile.locations.address.slice()
    address[0] = 0xffffffffff600001n
    const changed = { ...profile, locations: { ...profile.locations, address }, timeNanos: -5n }
    expect(plain(decodeProfile(encodeProfile(changed)))).toEqual(plain(changed))
  })

  test('equal profiles have equal bytes', () => {
    const name = 'go1.27-rate-4096/cpu.pb.gz'
    expect(encodeProfileGzip(recordedProfile(name))).toEqual(
      encodeProfileGzip(recordedProfile(name)),
    )
  })
})
