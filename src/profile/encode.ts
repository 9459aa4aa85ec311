import { gzip } from 'pako'
import { perftools } from '../../proto/profile.js'
import { type LabelSet, NO_LABELS, type Profile } from './profile.ts'

const { Profile: ProfileMessage } = perftools.profiles

/**
 * Encodes a profile as protocol buffer, uncompressed. Ids count from 1 in the order of the tables,
 * strings in the order in which they are first needed, so equal profiles have equal bytes.
 */
export function encodeProfile(profile: Profile): Uint8Array {
  return ProfileMessage.encode(message(profile)).finish()
}

/** As `encodeProfile`, compressed with gzip as `go tool pprof` and Go write profiles. */
export function encodeProfileGzip(profile: Profile): Uint8Array {
  return gzip(encodeProfile(profile))
}

/** Numbers texts for the string table, the empty one first. */
class StringNumbers {
  private readonly numbers = new Map([['', 0]])

  numberOf(text: string): number {
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    const number = this.numbers.size
    this.numbers.set(text, number)
    return number
  }

  texts(): string[] {
    return [...this.numbers.keys()]
  }
}

type Message = perftools.profiles.Profile.$Properties
type Uint64 = NonNullable<perftools.profiles.Mapping.$Properties['memoryStart']>

function message(profile: Profile): Message {
  const strings = new StringNumbers()
  const text = (value: string): number => strings.numberOf(value)
  const { type, unit } = profile.periodType
  const fields: Message = {
    sampleType: profile.sampleTypes.map((valueType) => ({
      type: text(valueType.type),
      unit: text(valueType.unit),
    })),
    sample: samples(profile, text),
    mapping: profile.mappings.map((mapping, index) => ({
      id: index + 1,
      memoryStart: uint64(mapping.start),
      memoryLimit: uint64(mapping.limit),
      fileOffset: uint64(mapping.offset),
      filename: text(mapping.file),
      buildId: text(mapping.buildId),
      hasFunctions: mapping.hasFunctions,
      hasFilenames: mapping.hasFilenames,
      hasLineNumbers: mapping.hasLineNumbers,
      hasInlineFrames: mapping.hasInlineFrames,
    })),
    location: locations(profile),
    function: profile.functions.map((entry, index) => ({
      id: index + 1,
      name: text(entry.name),
      systemName: text(entry.systemName),
      filename: text(entry.filename),
      startLine: entry.startLine,
    })),
    dropFrames: text(profile.dropFrames),
    keepFrames: text(profile.keepFrames),
    timeNanos: uint64(BigInt.asUintN(64, profile.timeNanos)),
    durationNanos: profile.durationNanos,
    periodType: type === '' && unit === '' ? null : { type: text(type), unit: text(unit) },
    period: profile.period,
    comment: profile.comments.map(text),
    defaultSampleType: text(profile.defaultSampleType),
    docUrl: text(profile.docUrl),
  }
  return { ...fields, stringTable: strings.texts() }
}

type TextNumber = (text: string) => number

function samples(profile: Profile, text: TextNumber): NonNullable<Message['sample']> {
  const { samples: columns } = profile
  const types = profile.sampleTypes.length
  return Array.from({ length: columns.count }, (_, index) => ({
    locationId: Array.from(
      columns.location.subarray(columns.locationStart[index], columns.locationStart[index + 1]),
      (location) => location + 1,
    ),
    value: Array.from(columns.values.subarray(index * types, (index + 1) * types)),
    label: labels(columns.labelSets[columns.labels[index] ?? 0] ?? NO_LABELS, text),
  }))
}

function labels(set: LabelSet, text: TextNumber): perftools.profiles.Label.$Properties[] {
  return [
    ...set.texts.flatMap(({ key, values }) =>
      values.map((value) => ({ key: text(key), str: text(value) })),
    ),
    ...set.numbers.flatMap(({ key, values, units }) =>
      values.map((num, index) => ({ key: text(key), num, numUnit: text(units[index] ?? '') })),
    ),
  ]
}

function locations(profile: Profile): NonNullable<Message['location']> {
  const { locations: columns } = profile
  return Array.from({ length: columns.count }, (_, index) => {
    const start = columns.lineStart[index] ?? 0
    const end = columns.lineStart[index + 1] ?? 0
    return {
      id: index + 1,
      mappingId: (columns.mapping[index] ?? -1) + 1,
      address: uint64(columns.address[index] ?? 0n),
      line: Array.from({ length: end - start }, (_line, offset) => ({
        functionId: (columns.lineFunction[start + offset] ?? 0) + 1,
        line: columns.lineNumber[start + offset] ?? 0,
        column: columns.lineColumn[start + offset] ?? 0,
      })),
      isFolded: columns.isFolded[index] === 1,
    }
  })
}

/**
 * A uint64 in the halves that protobufjs writes as they are; a number above 2^53 would be rounded,
 * and whether it reads a text exactly depends on a package that may not be there.
 */
function uint64(value: bigint): Uint64 {
  const halves = {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned: true,
  }
  return halves as Uint64
}
