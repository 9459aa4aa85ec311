import { describe, test } from '@jest/globals'
import fc from 'fast-check'
import { perftools } from '../../proto/profile.js'
import { decodeProfile } from '../../src/profile/decode.ts'
import { diffProfiles } from '../../src/profile/diff.ts'
import { encodeProfile } from '../../src/profile/encode.ts'
import { functionRows } from '../../src/profile/graph.ts'
import { GRANULARITIES } from '../../src/profile/granularity.ts'
import { mergeProfiles } from '../../src/profile/merge.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { alignStacks } from '../../src/profile/stacks.ts'
import { profileBytes } from '../support/profile-bytes.ts'

const FUNCTIONS = ['', 'main.main', 'a.f', 'a.g', 'b.(*T).h', 'b.New[go.shape.int]', 'c.λ']

/** Profiles of two values over a few functions with inlining, recursion, labels and two binaries. */
const profiles = (least: number): fc.Arbitrary<Profile> =>
  fc
    .record({
      locations: fc.array(
        fc.record({
          mapping: fc.integer({ min: 0, max: 2 }),
          lines: fc.array(
            fc.record({
              functionId: fc.integer({ min: 1, max: FUNCTIONS.length }),
              line: fc.integer({ min: 0, max: 3 }),
            }),
            { maxLength: 3 },
          ),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      samples: fc.array(
        fc.record({
          stack: fc.array(fc.nat({ max: 5 }), { maxLength: 6 }),
          values: fc.tuple(
            fc.integer({ min: least, max: 1e9 }),
            fc.integer({ min: least, max: 9 }),
          ),
          bytes: fc.constantFrom(0, 16, 32),
        }),
        { maxLength: 12 },
      ),
    })
    .map(({ locations, samples }) => {
      const strings = ['', 'space', 'bytes', 'x.go', ...FUNCTIONS.slice(1), '/bin/a', '/bin/b']
      const last = strings.length
      return decodeProfile(
        profileBytes({
          sampleType: [
            { type: 1, unit: 2 },
            { type: 2, unit: 1 },
          ],
          stringTable: strings,
          mapping: [1, 2].map((id) => ({
            id,
            memoryStart: id * 4096,
            memoryLimit: id * 4096 + 4096,
            filename: last - id,
          })),
          function: FUNCTIONS.map((_, index) => ({
            id: index + 1,
            name: index === 0 ? 0 : index + 3,
            systemName: index === 0 ? 0 : index + 3,
            filename: 3,
            startLine: index,
          })),
          location: locations.map(({ mapping, lines }, index) => ({
            id: index + 1,
            mappingId: mapping,
            address: 10_000 + index,
            line: lines,
          })),
          sample: samples.map(({ stack, values, bytes }) => ({
            locationId: stack.map((index) => (index % locations.length) + 1),
            value: values,
            label: bytes === 0 ? [] : [{ key: 2, num: bytes }],
          })),
        }),
      )
    })

const signed = profiles(-1e9)

/** Rows at the finest granularity, as text: what two equal profiles have in common. */
const rows = (profile: Profile): string[] =>
  functionRows(profile, { type: 0, granularity: 'addresses', keepBinaries: true })
    .map(
      ({ name, flat, cum, info }) => `${name} ${info.objectFile} ${info.startLine} ${flat} ${cum}`,
    )
    .sort()

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const total = (profile: Profile): number =>
  profile.samples.values.reduce((sum, value, at) => (at % 2 === 0 ? sum + value : sum), 0)

describe('for any profiles', () => {
  test('merging is commutative', () => {
    fc.assert(
      fc.property(signed, signed, (a, b) =>
        equal(rows(mergeProfiles([a, b])), rows(mergeProfiles([b, a]))),
      ),
    )
  })

  test('merging is associative', () => {
    fc.assert(
      fc.property(signed, signed, signed, (a, b, c) =>
        equal(
          rows(mergeProfiles([mergeProfiles([a, b]), c])),
          rows(mergeProfiles([a, mergeProfiles([b, c])])),
        ),
      ),
    )
  })

  test('a diff with itself is empty', () => {
    fc.assert(
      fc.property(signed, (profile) => diffProfiles(profile, profile, 'base').samples.count === 0),
    )
  })

  test('a diff added to its base is the current profile', () => {
    fc.assert(
      fc.property(signed, signed, (base, current) =>
        equal(
          rows(mergeProfiles([diffProfiles(base, current, 'base'), base])),
          rows(mergeProfiles([current])),
        ),
      ),
    )
  })

  test('the flats of all nodes add up to the total of the samples that have a stack', () => {
    fc.assert(
      fc.property(signed, fc.constantFrom(...GRANULARITIES), (profile, granularity) => {
        const { samples } = profile
        const withStack = Array.from({ length: samples.count }, (_, index) =>
          samples.locationStart[index] === samples.locationStart[index + 1]
            ? 0
            : (samples.values[index * 2] ?? 0),
        )
        const flats = functionRows(profile, { type: 0, granularity }).map(({ flat }) => flat)
        const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0)
        return sum(flats) === sum(withStack)
      }),
    )
  })

  test('cum is never under flat when no value is negative', () => {
    fc.assert(
      fc.property(profiles(0), fc.constantFrom(...GRANULARITIES), (profile, granularity) =>
        functionRows(profile, { type: 0, granularity }).every(({ flat, cum }) => cum >= flat),
      ),
    )
  })

  test('encoding and decoding changes nothing', () => {
    fc.assert(
      fc.property(signed, (profile) => {
        const again = decodeProfile(encodeProfile(profile))
        return (
          equal(rows(again), rows(profile)) && equal(encodeProfile(again), encodeProfile(profile))
        )
      }),
    )
  })

  test('aligned stacks hold each profile whole', () => {
    fc.assert(
      fc.property(signed, signed, (a, b) => {
        const stacks = alignStacks([a, b])
        return [a, b].every(
          (profile, index) =>
            stacks.reduce((sum, { values }) => sum + (values[index]?.[0] ?? 0), 0) ===
            total(profile),
        )
      }),
    )
  })

  test('the decoder reads what the generated decoder reads', () => {
    fc.assert(
      fc.property(signed, (profile) => {
        const message = perftools.profiles.Profile.decode(encodeProfile(profile))
        const values = message.sample.flatMap(({ value }) => (value ?? []).map(Number))
        const stacks = message.sample.flatMap(({ locationId }) =>
          (locationId ?? []).map((id) => Number(id) - 1),
        )
        return (
          equal(values, [...profile.samples.values]) && equal(stacks, [...profile.samples.location])
        )
      }),
    )
  })
})
