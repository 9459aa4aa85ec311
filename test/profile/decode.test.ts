import { describe, expect, test } from '@jest/globals'
import { gzip } from 'pako'
import { decodeProfile } from '../../src/profile/decode.ts'
import { ProfileError } from '../../src/profile/profile-error.ts'
import {
  profileBytes,
  type ProfileMessage,
  type StacksMessage,
  stacksMessage,
} from '../support/profile-bytes.ts'
import { recordedBytes, recordedNames, recordedProfile } from '../support/recorded-profiles.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const small = (): StacksMessage => stacksMessage([{ stack: ['leaf', 'root'], value: 7 }])

/** Bytes of protocol buffer fields, each written as `[field, wireType, ...bytes]`. */
function wire(...fields: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([field = 0, wireType = 0, ...bytes]) => [(field << 3) | wireType, ...bytes]),
  )
}

const join = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

function failure(bytes: Uint8Array, maxInflatedBytes?: number): ProfileError {
  try {
    decodeProfile(bytes, maxInflatedBytes === undefined ? {} : { maxInflatedBytes })
  } catch (error) {
    if (error instanceof ProfileError) return error
    throw error
  }
  throw new Error('the profile was accepted')
}

describe('what Go writes', () => {
  test.each(recordedNames())('%s is decoded', (name) => {
    const profile = recordedProfile(name)
    expect(profile.sampleTypes.length).toBeGreaterThan(0)
    expect(profile.samples.locationStart).toHaveLength(profile.samples.count + 1)
    expect(profile.samples.values).toHaveLength(profile.samples.count * profile.sampleTypes.length)
    expect(profile.timeNanos).toBeGreaterThan(1_600_000_000_000_000_000n)
  })

  test('a heap profile has its header, its four sample types and the size of its blocks', () => {
    const profile = recordedProfile('go1.27-rate-4096/heap-1.pb.gz')
    expect(profile.sampleTypes.map(({ type, unit }) => `${type}/${unit}`)).toEqual([
      'alloc_objects/count',
      'alloc_space/bytes',
      'inuse_objects/count',
      'inuse_space/bytes',
    ])
    expect(profile.periodType).toEqual({ type: 'space', unit: 'bytes' })
    expect(profile.period).toBe(4096)
    expect(profile.samples.labelSets[1]?.numbers[0]).toMatchObject({ key: 'bytes', units: [] })
  })

  test('an uncompressed profile is decoded as well', () => {
    expect(decodeProfile(profileBytes(small())).samples.count).toBe(1)
  })
})

describe('what the format allows', () => {
  test('an address above 2^53 stays exact', () => {
    const message = small()
    const bytes = join(
      profileBytes({ ...message, location: [] }),
      wire([4, 2, 13, 0x08, 1, 0x18, 0x80, 0xd0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
      wire([4, 2, 2, 0x08, 2]),
    )
    expect(decodeProfile(bytes).locations.address[0]).toBe(0xffffffffffffe800n)
  })

  test('a negative value takes ten bytes and is read back', () => {
    const bytes = profileBytes(stacksMessage([{ stack: ['f'], value: -123_456_789_012 }]))
    expect(decodeProfile(bytes).samples.values[0]).toBe(-123_456_789_012)
  })

  test('locations and values may be packed, not packed, or both in one sample', () => {
    const sample = [2, 2, 12, 0x0a, 1, 1, 0x08, 2, 0x0a, 2, 2, 1, 0x12, 1, 9]
    const bytes = join(profileBytes({ ...small(), sample: [] }), wire(sample))
    const profile = decodeProfile(bytes)
    expect([...profile.samples.location]).toEqual([0, 1, 1, 0])
    expect([...profile.samples.values]).toEqual([9])
  })

  test('ids may be sparse and as large as 2^64 - 1', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    const bytes = join(
      profileBytes({ ...small(), location: [], sample: [] }),
      wire([4, 2, 11, 0x08, ...huge], [4, 2, 4, 0x08, 0xf0, 0xf0, 0x01]),
      wire([2, 2, 18, 0x0a, 13, ...huge, 0xf0, 0xf0, 0x01, 0x12, 1, 9]),
    )
    expect([...decodeProfile(bytes).samples.location]).toEqual([0, 1])
  })

  test('unknown fields of every wire type are skipped', () => {
    const unknown = wire([99 & 15, 0, 1], [15, 0, 0], [14, 0, 0]).subarray(2)
    const fixed = Uint8Array.from([
      0xf9, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0xfd, 1, 1, 2, 3, 4, 0xfa, 1, 1, 0,
    ])
    expect(decodeProfile(join(profileBytes(small()), unknown, fixed)).samples.count).toBe(1)
  })

  test('labels that are not side by side in a sample are gathered all the same', () => {
    const message = small()
    const strings = [...message.stringTable, 'k', 'v', 'w']
    const k = strings.length - 3
    const label = (value: number): number[] => [0x1a, 4, 0x08, k, 0x10, value]
    const body = [...label(k + 1), 0x0a, 1, 1, ...label(k + 2), 0x12, 1, 5]
    const bytes = join(
      profileBytes({ ...message, stringTable: strings, sample: [] }),
      wire([2, 2, body.length, ...body]),
    )
    const { samples } = decodeProfile(bytes)
    expect(samples.labelSets[samples.labels[0] ?? 0]?.texts).toEqual([
      { key: 'k', values: ['v', 'w'] },
    ])
  })

  test('a value of 2^53 - 1 is exact, one more is refused', () => {
    const value = (bytes: number[]): Uint8Array =>
      join(
        profileBytes({ ...small(), sample: [] }),
        wire([2, 2, bytes.length + 2, 0x12, bytes.length, ...bytes]),
      )
    const most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]
    expect(decodeProfile(value(most)).samples.values[0]).toBe(Number.MAX_SAFE_INTEGER)
    const more = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
    expect(failure(value(more)).message).toMatch(
      /a value of sample 0 .* is 9007199254740992, beyond/,
    )
  })

  test('values whose sum passes 2^53 are refused, so that every sum is exact', () => {
    const value = Number.MAX_SAFE_INTEGER
    const bytes = profileBytes(
      stacksMessage([
        { stack: ['f'], value },
        { stack: ['g'], value: -1 },
      ]),
    )
    expect(failure(bytes).message).toMatch(/sample type 0 add up to more than 2\^53/)
  })
})

describe('what is no profile', () => {
  test.each([
    ['nothing', new Uint8Array(), /is empty/],
    ['gzip of nothing', gzip(new Uint8Array()), /is empty/],
    ['an HTML page', text('<html><body>pprof</body></html>'), /HTML page/],
    ['a 404 answer', text('404 page not found\n'), /"not found" answer \("404 page not found"\)/],
    ['a legacy profile', text('heap profile: 1: 2 [3: 4] @ heap/8192\n'), /legacy text format/],
    ['JSON', text('{"error": "no"}'), /JSON/],
    ['another text', text('Unknown profile\n'), /text \("Unknown profile"\)/],
  ])('%s is named', (_name, bytes, message) => {
    const error = failure(bytes)
    expect(error.message).toMatch(message)
    expect(error.hint).toBeDefined()
  })

  test('a truncated body is told apart, compressed or not', () => {
    const bytes = recordedBytes('go1.27-rate-1/heap-0.pb.gz')
    expect(failure(bytes.subarray(0, bytes.length / 2)).message).toMatch(/ends after \d+ bytes/)
    const raw = profileBytes(small())
    expect(failure(raw.subarray(0, raw.length - 1)).message).toMatch(
      /byte 128: the varint is cut short/,
    )
  })

  test('two profiles, one after the other, are told apart', () => {
    const bytes = recordedBytes('go1.27-rate-1/heap-0.pb.gz')
    expect(failure(join(bytes, bytes)).message).toMatch(/a second profile goes on at byte/)
  })

  test('damaged gzip is told apart', () => {
    const bytes = recordedBytes('go1.27-rate-1/heap-0.pb.gz').slice()
    bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 1
    expect(failure(bytes).message).toMatch(/gzip data is damaged: incorrect data check/)
  })

  test('inflating stops at the limit, whatever the trailer announces', () => {
    const bomb = gzip(new Uint8Array(5_000_000))
    expect(failure(bomb, 100_000).message).toMatch(/more than 100000 bytes/)
    const lying = bomb.slice()
    lying.set([1, 0, 0, 0], lying.length - 4)
    expect(failure(lying, 100_000).message).toMatch(/more than 100000 bytes/)
    expect(failure(profileBytes(small()), 10).message).toMatch(/more than the limit of 10/)
  })
})

describe('what CheckValid refuses', () => {
  const { sample, location, mapping, function: functions } = small()
  test.each<[string, ProfileMessage, RegExp]>([
    [
      'samples without sample types',
      { ...small(), sampleType: [] },
      /samples, but no sample types|0 sample types/,
    ],
    [
      'too few values',
      { ...small(), sample: [{ value: [] }] },
      /sample 0 .* 0 values, the profile has 1/,
    ],
    ['too many values', { ...small(), sample: [{ value: [1, 2] }] }, /sample 0 .* 2 values/],
    [
      'a location that is not there',
      { ...small(), sample: [...sample, { locationId: [9], value: [1] }] },
      /sample 1 \(byte \d+\): location id 9/,
    ],
    [
      'a function that is not there',
      { ...small(), location: [...location, { id: 7, line: [{ functionId: 8 }] }] },
      /location 2 \(byte \d+\): .* function id 8/,
    ],
    [
      'a line without function',
      { ...small(), location: [...location, { id: 7, line: [{ line: 8 }] }] },
      /function id 0/,
    ],
    [
      'a location with id 0',
      { ...small(), location: [...location, { address: 5, line: [] }] },
      /location 2 .* id is 0/,
    ],
    [
      'a function with id 0',
      { ...small(), function: [...functions, { name: 1 }] },
      /function 2 .* id is 0/,
    ],
    [
      'a mapping with id 0',
      { ...small(), mapping: [...mapping, { filename: 1 }] },
      /mapping 1 .* id is 0/,
    ],
    [
      'two locations with one id',
      { ...small(), location: [...location, { id: 2 }] },
      /location 2 .* id 2 is taken/,
    ],
    [
      'two mappings with one id',
      { ...small(), mapping: [...mapping, { id: 1 }] },
      /mapping 1 .* id 1 is taken/,
    ],
    [
      'a text that is not there',
      { ...small(), dropFrames: 99 },
      /drop_frames: string 99 does not exist/,
    ],
    [
      'a string table that does not begin with the empty text',
      { ...small(), stringTable: ['x'] },
      /string 0 .* is not empty/,
    ],
    ['no string table', { period: 5 }, /string 0 does not exist, the string table has 0/],
  ])('%s', (_name, message, expected) => {
    expect(failure(profileBytes(message)).message).toMatch(expected)
  })

  test('a mapping that is not there counts as none', () => {
    const message = { ...small(), mapping: [] }
    expect([...decodeProfile(profileBytes(message)).locations.mapping]).toEqual([-1, -1])
  })
})
