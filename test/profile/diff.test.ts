import { describe, expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { diffProfiles } from '../../src/profile/diff.ts'
import { isDiffBase } from '../../src/profile/labels.ts'
import { profileBytes, stacksMessage } from '../support/profile-bytes.ts'
import { recordedProfile } from '../support/recorded-profiles.ts'

describe('a diff', () => {
  const base = decodeProfile(profileBytes(stacksMessage([{ stack: ['f', 'main'], value: 3 }])))
  const current = decodeProfile(
    profileBytes(
      stacksMessage([
        { stack: ['f', 'main'], value: 5 },
        { stack: ['g', 'main'], value: 4 },
      ]),
    ),
  )

  test('of kind base subtracts sample by sample', () => {
    expect([...diffProfiles(base, current, 'base').samples.values]).toEqual([2, 4])
  })

  test('of kind diff_base keeps the samples of the base apart, negative and labelled', () => {
    const { samples } = diffProfiles(base, current, 'diff_base')
    expect([...samples.values]).toEqual([5, 4, -3])
    expect(
      [...samples.labels].map((set) =>
        isDiffBase(samples.labelSets[set] ?? { texts: [], numbers: [] }),
      ),
    ).toEqual([false, false, true])
  })

  test('of two periods is refused, though pprof would print it', () => {
    expect(() => diffProfiles({ ...base, period: 1 }, current, 'base')).toThrow(
      'different periods: 1 bytes and 4096 bytes',
    )
  })

  test('of a profile and itself is empty', () => {
    const profile = recordedProfile('go1.27-rate-1/heap-1.pb.gz')
    const diff = diffProfiles(profile, profile, 'base')
    expect(diff.samples.count).toBe(0)
    expect(diff.locations.count).toBe(0)
    expect(diff.mappings).toHaveLength(1)
  })
})
