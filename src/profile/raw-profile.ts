import { ByteRangeTable } from './byte-range-table.ts'
import { IdSlots } from './id-slots.ts'
import { ProfileError } from './profile-error.ts'
import { StringTable } from './string-table.ts'
import { Uint32List } from './uint32-list.ts'
import { WIRE, WireReader } from './wire-reader.ts'

/** Field numbers of the messages, as in `proto/profile.proto`. */
export const PROFILE_FIELD = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  string: 6,
  dropFrames: 7,
  keepFrames: 8,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultSampleType: 14,
  docUrl: 15,
} as const

/** Where the low half of a 64-bit element is, seen as two uint32. */
const LOW_HALF = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1

const DAMAGED = { hint: 'The profile is damaged: capture it again.' }

/** Tag and length of the message, tag and value of its id. */
const MIN_LOCATION_BYTES = 4

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

function refuseMore(what: keyof typeof MOST, count: number): void {
  if (count <= MOST[what]) return
  throw new ProfileError(`the profile has more than ${MOST[what]} ${what}`, {
    hint: 'No program has so many: where does the profile come from?',
  })
}

/** Indexes into the string table. */
export interface RawValueType {
  type: number
  unit: number
}

export interface RawMapping {
  id: number
  start: bigint
  limit: bigint
  offset: bigint
  file: number
  buildId: number
  hasFunctions: boolean
  hasFilenames: boolean
  hasLineNumbers: boolean
  hasInlineFrames: boolean
}

export interface RawFunction {
  id: number
  name: number
  systemName: number
  filename: number
  startLine: number
}

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

export interface RawLocations {
  readonly id: Uint32Array
  readonly mapping: Uint32Array
  readonly address: BigUint64Array
  readonly isFolded: Uint8Array
  readonly lineStart: Uint32Array
  readonly lineFunction: Uint32Array
  readonly lineNumber: Float64Array
  readonly lineColumn: Float64Array
}

export interface RawSamples {
  readonly locationStart: Uint32Array
  readonly location: Uint32Array
  readonly values: Float64Array
  /** Sum of the absolute values of each sample type. */
  readonly totals: Float64Array
  /** Number of the label set; 0 is the empty one. */
  readonly labels: Uint32Array
  /** Where the label fields of each label set are: pairs of start and end. */
  readonly labelRanges: readonly (readonly number[])[]
}

/**
 * Takes a profile's bytes apart.
 *
 * @throws ProfileError when they are not well formed, with the byte where that shows.
 */
export function readRawProfile(bytes: Uint8Array): RawProfile {
  return new RawProfileReader(bytes).read()
}

class RawProfileReader {
  private readonly bytes: Uint8Array
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

  private readonly stringStart: Uint32Array
  private readonly stringEnd: Uint32Array
  private stringCount = 0

  private readonly typeCount: number
  private readonly locationStart: Uint32Array
  private readonly sampleLocation: Uint32List
  private readonly values: Float64Array
  private readonly totals: Float64Array
  private readonly labels: Uint32Array
  private readonly labelRanges: number[][] = [[]]
  private readonly labelTable: ByteRangeTable
  private readonly labelSetOf: number[] = []
  private sampleCount = 0

  private readonly locationId: Uint32Array
  private readonly locationMapping: Uint32Array
  private readonly locationAddress: BigUint64Array
  private readonly addressHalves: Uint32Array
  private readonly isFolded: Uint8Array
  private readonly lineStart: Uint32Array
  private readonly lineFunction: Uint32List
  private lineNumber: Float64Array
  private lineColumn: Float64Array
  private locationCount = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.reader = new WireReader(bytes)
    const counts = countFields(bytes)
    const count = (field: number): number => counts[field] ?? 0

    if (count(PROFILE_FIELD.timeNanos) > 1) refuseConcatenation(bytes)
    refuseMore('sample types', count(PROFILE_FIELD.sampleType))
    refuseMore('mappings', count(PROFILE_FIELD.mapping))
    refuseMore('functions', count(PROFILE_FIELD.function))
    this.stringStart = new Uint32Array(count(PROFILE_FIELD.string))
    this.stringEnd = new Uint32Array(count(PROFILE_FIELD.string))

    const samples = count(PROFILE_FIELD.sample)
    this.typeCount = count(PROFILE_FIELD.sampleType)
    if (samples * this.typeCount > bytes.length) {
      throw new ProfileError(
        `the profile has ${samples} samples of ${this.typeCount} types in ${bytes.length} bytes: values are missing`,
        DAMAGED,
      )
    }
    this.locationStart = new Uint32Array(samples + 1)
    this.sampleLocation = new Uint32List(samples * 8)
    this.values = new Float64Array(samples * this.typeCount)
    this.totals = new Float64Array(this.typeCount)
    this.labels = new Uint32Array(samples)
    this.labelTable = new ByteRangeTable(bytes)

    const locations = count(PROFILE_FIELD.location)
    if (locations * MIN_LOCATION_BYTES > bytes.length) {
      throw new ProfileError(
        `the profile has ${locations} locations in ${bytes.length} bytes: ids are missing`,
        DAMAGED,
      )
    }
    this.locationId = new Uint32Array(locations)
    this.locationMapping = new Uint32Array(locations)
    this.locationAddress = new BigUint64Array(locations)
    this.addressHalves = new Uint32Array(this.locationAddress.buffer)
    this.isFolded = new Uint8Array(locations)
    this.lineStart = new Uint32Array(locations + 1)
    this.lineFunction = new Uint32List(locations)
    this.lineNumber = new Float64Array(locations)
    this.lineColumn = new Float64Array(locations)
  }

  read(): RawProfile {
    const { reader, bytes } = this
    const end = bytes.length
    while (reader.position < end) this.readField(end)
    const scalar = (field: number): number => this.scalars.get(field) ?? 0
    return {
      bytes,
      strings: new StringTable(bytes, this.stringStart, this.stringEnd),
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
      locations: {
        id: this.locationId,
        mapping: this.locationMapping,
        address: this.locationAddress,
        isFolded: this.isFolded,
        lineStart: this.lineStart,
        lineFunction: this.lineFunction.toArray(),
        lineNumber: this.lineNumber.subarray(0, this.lineFunction.length),
        lineColumn: this.lineColumn.subarray(0, this.lineFunction.length),
      },
      samples: {
        locationStart: this.locationStart,
        location: this.sampleLocation.toArray(),
        values: this.values,
        totals: this.totals,
        labels: this.labels,
        labelRanges: this.labelRanges,
      },
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
        this.readSample(this.readMessage(end))
        return
      case PROFILE_FIELD.location:
        this.readLocation(this.readMessage(end))
        return
      case PROFILE_FIELD.function:
        this.functions.push(this.readFunction(this.readMessage(end)))
        return
      case PROFILE_FIELD.string:
        this.readString(this.readMessage(end))
        return
      case PROFILE_FIELD.mapping:
        this.mappings.push(this.readMapping(this.readMessage(end)))
        return
      case PROFILE_FIELD.sampleType:
        this.sampleTypes.push(this.readValueType(this.readMessage(end)))
        return
      case PROFILE_FIELD.periodType:
        this.periodType = this.readValueType(this.readMessage(end))
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
        this.scalars.set(field, this.readInt64(end, `field ${field}`))
        return
      default:
        reader.skip(end)
    }
  }

  /** Enters the message of the tag just read and returns where it ends. */
  private readMessage(end: number): number {
    this.reader.expect(WIRE.bytes)
    return this.reader.readLength(end)
  }

  private readInt64(end: number, what: string): number {
    this.reader.expect(WIRE.varint)
    this.reader.readVarint(end)
    return this.reader.int64(what)
  }

  private readUint64(end: number): bigint {
    this.reader.expect(WIRE.varint)
    this.reader.readVarint(end)
    return this.reader.uint64()
  }

  private readId(end: number, ids: IdSlots): number {
    this.reader.expect(WIRE.varint)
    this.reader.readVarint(end)
    return ids.slotOf(this.reader)
  }

  private readBool(end: number): boolean {
    this.reader.expect(WIRE.varint)
    this.reader.readVarint(end)
    return (this.reader.low | this.reader.high) !== 0
  }

  /** A repeated int64, packed or not: a profile may mix both. */
  private readComments(end: number): void {
    const { reader, comments } = this
    if (reader.wireType !== WIRE.bytes) {
      comments.push(this.readInt64(end, 'comment'))
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

  private readString(end: number): void {
    this.stringStart[this.stringCount] = this.reader.position
    this.stringEnd[this.stringCount] = end
    if (this.stringCount === 0 && end > this.reader.position) {
      this.reader.fail('string 0 of the string table is not empty')
    }
    this.stringCount += 1
    this.reader.position = end
  }

  private readSample(end: number): void {
    const { reader } = this
    const index = this.sampleCount++
    let values = 0
    let labelStart = -1
    let labelEnd = -1
    let ranges: number[] | undefined
    while (reader.position < end) {
      const tagAt = reader.position
      reader.readTag(end)
      switch (reader.field) {
        case 1:
          this.readSampleLocations(end)
          break
        case 2:
          values = this.readSampleValues(end, index, values)
          break
        case 3: {
          const fieldEnd = this.readMessage(end)
          reader.position = fieldEnd
          if (labelStart < 0) labelStart = tagAt
          else if (labelEnd !== tagAt) {
            ranges ??= []
            ranges.push(labelStart, labelEnd)
            labelStart = tagAt
          }
          labelEnd = fieldEnd
          break
        }
        default:
          reader.skip(end)
      }
    }
    if (values !== this.typeCount) {
      throw new ProfileError(
        `sample ${index} (ends at byte ${end}): it has ${values} values, the profile has ${this.typeCount} sample types`,
        DAMAGED,
      )
    }
    this.locationStart[index + 1] = this.sampleLocation.length
    if (labelStart >= 0) this.labels[index] = this.labelSet(labelStart, labelEnd, ranges)
  }

  private readSampleLocations(end: number): void {
    const { reader, bytes, sampleLocation } = this
    if (reader.wireType !== WIRE.bytes) {
      sampleLocation.push(this.readId(end, this.locationIds))
      return
    }
    const fieldEnd = reader.readLength(end)
    sampleLocation.reserve(fieldEnd - reader.position)
    const { data } = sampleLocation
    let { length } = sampleLocation
    while (reader.position < fieldEnd) {
      const byte = bytes[reader.position] ?? 0
      if (byte < 0x80) {
        reader.position += 1
        data[length++] = byte
      } else {
        reader.readVarint(fieldEnd)
        data[length++] = this.locationIds.slotOf(reader)
      }
    }
    sampleLocation.length = length
  }

  /** Reads values of sample `index` after the first `count` of them; returns how many it has now. */
  private readSampleValues(end: number, index: number, count: number): number {
    const { reader } = this
    if (reader.wireType !== WIRE.bytes) {
      this.addValue(index, count, this.readInt64(end, `a value of sample ${index}`))
      return count + 1
    }
    const fieldEnd = reader.readLength(end)
    let total = count
    while (reader.position < fieldEnd) {
      reader.readVarint(fieldEnd)
      const value = reader.high === 0 ? reader.low : reader.int64(`a value of sample ${index}`)
      this.addValue(index, total, value)
      total += 1
    }
    return total
  }

  private addValue(index: number, type: number, value: number): void {
    if (type >= this.typeCount) return
    this.values[index * this.typeCount + type] = value
    this.totals[type] = (this.totals[type] ?? 0) + Math.abs(value)
  }

  /** The number of the label set whose fields are there; equal bytes share one. */
  private labelSet(start: number, end: number, ranges: number[] | undefined): number {
    refuseMore('label sets', this.labelRanges.length)
    if (ranges !== undefined) return this.labelRanges.push([...ranges, start, end]) - 1
    const number = this.labelTable.numberOf(start, end)
    const known = this.labelSetOf[number]
    if (known !== undefined) return known
    const set = this.labelRanges.push([start, end]) - 1
    this.labelSetOf[number] = set
    return set
  }

  private readLocation(end: number): void {
    const { reader } = this
    const index = this.locationCount++
    while (reader.position < end) {
      reader.readTag(end)
      switch (reader.field) {
        case 1:
          this.locationId[index] = this.readId(end, this.locationIds)
          break
        case 2:
          this.locationMapping[index] = this.readId(end, this.mappingIds)
          break
        case 3:
          reader.expect(WIRE.varint)
          reader.readVarint(end)
          this.addressHalves[index * 2 + LOW_HALF] = reader.low
          this.addressHalves[index * 2 + 1 - LOW_HALF] = reader.high
          break
        case 4:
          this.readLine(this.readMessage(end), index)
          break
        case 5:
          this.isFolded[index] = this.readBool(end) ? 1 : 0
          break
        default:
          reader.skip(end)
      }
    }
    this.lineStart[index + 1] = this.lineFunction.length
  }

  private readLine(end: number, location: number): void {
    const { reader } = this
    let id = 0
    let number = 0
    let column = 0
    while (reader.position < end) {
      reader.readTag(end)
      switch (reader.field) {
        case 1:
          id = this.readId(end, this.functionIds)
          break
        case 2:
          number = this.readInt64(end, `the line number of location ${location}`)
          break
        case 3:
          column = this.readInt64(end, `the column of location ${location}`)
          break
        default:
          reader.skip(end)
      }
    }
    const line = this.lineFunction.length
    if (line === this.lineNumber.length) {
      this.lineNumber = doubled(this.lineNumber)
      this.lineColumn = doubled(this.lineColumn)
    }
    this.lineFunction.push(id)
    this.lineNumber[line] = number
    this.lineColumn[line] = column
  }

  private readFunction(end: number): RawFunction {
    const { reader } = this
    const index = this.functions.length
    const read: RawFunction = { id: 0, name: 0, systemName: 0, filename: 0, startLine: 0 }
    while (reader.position < end) {
      reader.readTag(end)
      switch (reader.field) {
        case 1:
          read.id = this.readId(end, this.functionIds)
          break
        case 2:
          read.name = this.readInt64(end, `the name of function ${index}`)
          break
        case 3:
          read.systemName = this.readInt64(end, `the system name of function ${index}`)
          break
        case 4:
          read.filename = this.readInt64(end, `the file name of function ${index}`)
          break
        case 5:
          read.startLine = this.readInt64(end, `the start line of function ${index}`)
          break
        default:
          reader.skip(end)
      }
    }
    return read
  }

  private readMapping(end: number): RawMapping {
    const { reader } = this
    const index = this.mappings.length
    const read: RawMapping = {
      id: 0,
      start: 0n,
      limit: 0n,
      offset: 0n,
      file: 0,
      buildId: 0,
      hasFunctions: false,
      hasFilenames: false,
      hasLineNumbers: false,
      hasInlineFrames: false,
    }
    while (reader.position < end) {
      reader.readTag(end)
      switch (reader.field) {
        case 1:
          read.id = this.readId(end, this.mappingIds)
          break
        case 2:
          read.start = this.readUint64(end)
          break
        case 3:
          read.limit = this.readUint64(end)
          break
        case 4:
          read.offset = this.readUint64(end)
          break
        case 5:
          read.file = this.readInt64(end, `the file of mapping ${index}`)
          break
        case 6:
          read.buildId = this.readInt64(end, `the build id of mapping ${index}`)
          break
        case 7:
          read.hasFunctions = this.readBool(end)
          break
        case 8:
          read.hasFilenames = this.readBool(end)
          break
        case 9:
          read.hasLineNumbers = this.readBool(end)
          break
        case 10:
          read.hasInlineFrames = this.readBool(end)
          break
        default:
          reader.skip(end)
      }
    }
    return read
  }

  private readValueType(end: number): RawValueType {
    const { reader } = this
    const read: RawValueType = { type: 0, unit: 0 }
    while (reader.position < end) {
      reader.readTag(end)
      switch (reader.field) {
        case 1:
          read.type = this.readInt64(end, 'the type of a value type')
          break
        case 2:
          read.unit = this.readInt64(end, 'the unit of a value type')
          break
        default:
          reader.skip(end)
      }
    }
    return read
  }
}

/** How often each field of the profile occurs, so that every column has its size from the start. */
function countFields(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(PROFILE_FIELD.docUrl + 1)
  const reader = new WireReader(bytes)
  while (reader.position < bytes.length) {
    reader.readTag(bytes.length)
    const { field } = reader
    reader.skip(bytes.length)
    if (field < counts.length) counts[field] = (counts[field] ?? 0) + 1
  }
  return counts
}

/** The byte where occurrence `index` of a field of the profile begins, for a message. */
export function byteOfField(bytes: Uint8Array, field: number, index: number): number {
  const reader = new WireReader(bytes)
  let seen = 0
  while (reader.position < bytes.length) {
    const at = reader.position
    reader.readTag(bytes.length)
    if (reader.field === field && seen++ === index) return at
    reader.skip(bytes.length)
  }
  return bytes.length
}

function doubled(column: Float64Array): Float64Array {
  const grown = new Float64Array(Math.max(16, column.length * 2))
  grown.set(column)
  return grown
}

/** A profile is taken once: google/pprof, too, tells two by their second time. */
function refuseConcatenation(bytes: Uint8Array): never {
  const at = byteOfField(bytes, PROFILE_FIELD.timeNanos, 1)
  throw new ProfileError(
    `a second profile goes on at byte ${at}: these are two profiles, one after the other`,
    { hint: 'Keep each profile in a file of its own; `heapgate merge` adds them up.' },
  )
}
