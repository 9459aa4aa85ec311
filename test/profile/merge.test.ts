import { describe, expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { mergeProfiles } from '../../src/profile/merge.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { profileBytes, stacksMessage } from '../support/profile-bytes.ts'
import { recordedNames, recordedProfile } from '../support/recorded-profiles.ts'

const stacks = (...entries: readonly (readonly [string, number])[]): Profile =>
  decodeProfile(
    profileBytes(
      stacksMessage(entries.map(([stack, value]) => ({ stack: stack.split(' '), value }))),
    ),
  )

const values = (profile: Profile): number[] => [...profile.samples.values]

describe('merging', () => {
  test('samples of the same stack become one, in the order in which they first come', () => {
    const merged = mergeProfiles([
      stacks(['a main', 1], ['b main', 2], ['a main', 3]),
      stacks(['a main', 5], ['c main', 4]),
    ])
    expect(values(merged)).toEqual([9, 2, 4])
  })

  test('samples that cancel out go away, with the functions that only they used', () => {
    const merged = mergeProfiles([
      stacks(['a main', 1], ['b main', 2]),
      stacks(['a main', -1], ['b main', 1]),
    ])
    expect(values(merged)).toEqual([3])
    expect(merged.functions.map(({ name }) => name)).toEqual(['b', 'main'])
    expect(merged.locations.count).toBe(2)
  })

  test('a binary that was loaded at another address has the same locations', () => {
    const message = stacksMessage([{ stack: ['a', 'main'], value: 1 }])
    const moved = {
      ...message,
      mapping: [{ ...message.mapping[0], memoryStart: 0x5000, memoryLimit: 0xd000 }],
      location: message.location.map((location) => ({
        ...location,
        address: Number(location.address) + 0x4000,
      })),
    }
    const merged = mergeProfiles([message, moved].map((each) => decodeProfile(profileBytes(each))))
    expect(values(merged)).toEqual([2])
    expect(merged.mappings).toHaveLength(1)
    expect([...merged.locations.address]).toEqual([0x1000n, 0x1001n])
  })

  test('a mapping of another size is another binary, but for what rounding to pages hides', () => {
    const message = stacksMessage([{ stack: ['a', 'main'], value: 1 }])
    const limited = (memoryLimit: number): Profile =>
      decodeProfile(profileBytes({ ...message, mapping: [{ ...message.mapping[0], memoryLimit }] }))
    expect(values(mergeProfiles([limited(0x9000), limited(0x8001)]))).toEqual([2])
    expect(values(mergeProfiles([limited(0x9000), limited(0x8000)]))).toEqual([1, 1])
  })

  test('another build id is another binary', () => {
    const message = stacksMessage([{ stack: ['a', 'main'], value: 1 }])
    const other = { ...message, mapping: [{ ...message.mapping[0], buildId: 4 }] }
    const merged = mergeProfiles([message, other].map((each) => decodeProfile(profileBytes(each))))
    expect(values(merged)).toEqual([1, 1])
    expect(merged.mappings).toHaveLength(2)
  })

  test('the header has the largest period, the earliest time and the whole duration', () => {
    const one = { ...stacks(['a', 1]), period: 512, timeNanos: 30n, durationNanos: 5 }
    const two = { ...stacks(['a', 1]), period: 4096, timeNanos: 20n, durationNanos: 6 }
    expect(mergeProfiles([one, two])).toMatchObject({
      period: 4096,
      timeNanos: 20n,
      durationNanos: 11,
    })
  })

  test('other sample types are refused, and both are named', () => {
    const heap = recordedProfile('go1.27-rate-1/heap-0.pb.gz')
    const cpu = recordedProfile('go1.27-rate-1/cpu.pb.gz')
    expect(() => mergeProfiles([heap, cpu])).toThrow(
      /different sample types: alloc_objects\/count .* and samples\/count cpu\/nanoseconds/,
    )
  })

  test.each(recordedNames())('%s merged with itself has twice its values', (name) => {
    const profile = recordedProfile(name)
    const sum = (from: Profile): number => values(from).reduce((total, value) => total + value, 0)
    const once = mergeProfiles([profile])
    const twice = mergeProfiles([profile, profile])
    expect(sum(once)).toBe(sum(profile))
    expect(values(twice)).toEqual(values(once).map((value) => value * 2))
  })
})
