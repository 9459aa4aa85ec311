import { IdSlots } from './id-slots.ts'
import { ProfileError } from './profile-error.ts'
import { byteOfField, countFields, PROFILE_FIELD } from './profile-fields.ts'
import { type RawFunction, readFunction } from './raw-function.ts'
import { LocationReader, type RawLocations } from './raw-locations.ts'
import { type RawMapping, readMapping } from './raw-mapping.ts'
import { type RawSamples, SampleReader } from './raw-samples.ts'
import { StringReader } from './raw-strings.ts'
import { type RawValueType, readValueType } from './raw-value-type.ts'
import { refuseMore } from './refuse-more.ts'
import type { StringTable } from './string-table.ts'
import { WIRE, WireReader } from './wire-reader.ts'

/**
 * What the wire holds, field by field. Nothing is resolved yet, because the format allows any order
 * and Go writes the strings last: texts are indexes, ids are slots (`IdSlots`).
 */
export interface RawProfile {
  readonly bytes: Uint8Array
  readonly strings: StringTable
  readonly sampleTypes: readonly RawValueType[]
  readonly periodType: RawValueType
  readonly period: number
  readonly timeNanos: bigint
  readonly durationNanos: number
  readonly dropFrames: number
  readonly keepFrames: number
  readonly defaultSampleType: number
  readonly docUrl: number
  readonly comments: readonly number[]
  readonly mappings: readonly RawMapping[]
  readonly functions: readonly RawFunction[]
  readonly locations: RawLocations
  readonly samples: RawSamples
  readonly mappingIds: IdSlots
  readonly locationIds: IdSlots
  readonly functionIds: IdSlots
}

/**
 * Takes a profile's bytes apart.
 *
 * @throws ProfileError when they are not well formed, with the byte where that shows.
 */
export function readRawProfile(bytes: Uint8Array): RawProfile {
  return new RawProfileReader(bytes).read()
}

/** Hands each field to the reader of its table. */
class RawProfileReader {
  private readonly reader: WireReader
  private readonly mappingIds = new IdSlots()
  private readonly locationIds = new IdSlots()
  private readonly functionIds = new IdSlots()

  private readonly sampleTypes: RawValueType[] = []
  private readonly mappings: RawMapping[] = []
  private readonly functions: RawFunction[] = []
  private readonly comments: number[] = []
  private periodType: RawValueType = { type: 0, unit: 0 }
  private readonly scalars = new Map<number, number>()
  private timeNanos = 0n

  private readonly strings: StringReader
  private readonly samples: SampleReader
  private readonly locations: LocationReader

  constructor(bytes: Uint8Array) {
    const reader = new WireReader(bytes)
    const counts = countFields(bytes)
    const count = (field: number): number => counts[field] ?? 0
    if (count(PROFILE_FIELD.timeNanos) > 1) refuseConcatenation(bytes)
    refuseMore('sample types', count(PROFILE_FIELD.sampleType))
    refuseMore('mappings', count(PROFILE_FIELD.mapping))
    refuseMore('functions', count(PROFILE_FIELD.function))

    this.reader = reader
    this.strings = new StringReader(reader, count(PROFILE_FIELD.string))
    this.samples = new SampleReader(
      reader,
      count(PROFILE_FIELD.sample),
      count(PROFILE_FIELD.sampleType),
      this.locationIds,
    )
    this.locations = new LocationReader(reader, count(PROFILE_FIELD.location), {
      locationIds: this.locationIds,
      mappingIds: this.mappingIds,
      functionIds: this.functionIds,
    })
  }

  read(): RawProfile {
    const { reader } = this
    const { bytes } = reader
    const end = bytes.length
    while (reader.position < end) this.readField(end)
    const scalar = (field: number): number => this.scalars.get(field) ?? 0
    return {
      bytes,
      strings: this.strings.done(),
      sampleTypes: this.sampleTypes,
      periodType: this.periodType,
      period: scalar(PROFILE_FIELD.period),
      timeNanos: this.timeNanos,
      durationNanos: scalar(PROFILE_FIELD.durationNanos),
      dropFrames: scalar(PROFILE_FIELD.dropFrames),
      keepFrames: scalar(PROFILE_FIELD.keepFrames),
      defaultSampleType: scalar(PROFILE_FIELD.defaultSampleType),
      docUrl: scalar(PROFILE_FIELD.docUrl),
      comments: this.comments,
      mappings: this.mappings,
      functions: this.functions,
      locations: this.locations.done(),
      samples: this.samples.done(),
      mappingIds: this.mappingIds,
      locationIds: this.locationIds,
      functionIds: this.functionIds,
    }
  }

  private readField(end: number): void {
    const { reader } = this
    reader.readTag(end)
    const { field } = reader
    switch (field) {
      case PROFILE_FIELD.sample:
        this.samples.read(reader.readMessage(end))
        return
      case PROFILE_FIELD.location:
        this.locations.read(reader.readMessage(end))
        return
      case PROFILE_FIELD.function:
        this.functions.push(
          readFunction(reader, reader.readMessage(end), this.functions.length, this.functionIds),
        )
        return
      case PROFILE_FIELD.string:
        this.strings.read(reader.readMessage(end))
        return
      case PROFILE_FIELD.mapping:
        this.mappings.push(
          readMapping(reader, reader.readMessage(end), this.mappings.length, this.mappingIds),
        )
        return
      case PROFILE_FIELD.sampleType:
        this.sampleTypes.push(readValueType(reader, reader.readMessage(end)))
        return
      case PROFILE_FIELD.periodType:
        this.periodType = readValueType(reader, reader.readMessage(end))
        return
      case PROFILE_FIELD.comment:
        this.readComments(end)
        return
      case PROFILE_FIELD.timeNanos:
        reader.expect(WIRE.varint)
        reader.readVarint(end)
        this.timeNanos = BigInt.asIntN(64, reader.uint64())
        return
      case PROFILE_FIELD.dropFrames:
      case PROFILE_FIELD.keepFrames:
      case PROFILE_FIELD.durationNanos:
      case PROFILE_FIELD.period:
      case PROFILE_FIELD.defaultSampleType:
      case PROFILE_FIELD.docUrl:
        this.scalars.set(field, reader.readInt64(end, `field ${field}`))
        return
      default:
        reader.skip(end)
    }
  }

  /** A repeated int64, packed or not: a profile may mix both for one field. */
  private readComments(end: number): void {
    const { reader, comments } = this
    if (reader.wireType !== WIRE.bytes) {
      comments.push(reader.readInt64(end, 'comment'))
      refuseMore('comments', comments.length)
      return
    }
    const fieldEnd = reader.readLength(end)
    while (reader.position < fieldEnd) {
      reader.readVarint(fieldEnd)
      comments.push(reader.int64('comment'))
      refuseMore('comments', comments.length)
    }
  }
}

/** A profile is taken once: google/pprof, too, tells two by their second time. */
function refuseConcatenation(bytes: Uint8Array): never {
  const at = byteOfField(bytes, PROFILE_FIELD.timeNanos, 1)
  throw new ProfileError(
    `a second profile goes on at byte ${at}: these are two profiles, one after the other`,
    { hint: 'Keep each profile in a file of its own; `heapgate merge` adds them up.' },
  )
}
