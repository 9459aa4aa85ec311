import { ByteRangeTable } from './byte-range-table.ts'
import type { IdSlots } from './id-slots.ts'
import { ProfileError } from './profile-error.ts'
import { refuseMore } from './refuse-more.ts'
import { Uint32List } from './uint32-list.ts'
import { WIRE, type WireReader } from './wire-reader.ts'

const DAMAGED = { hint: 'The profile is damaged: capture it again.' }

/** By sample; locations are slots (`IdSlots`), by `locationStart`. */
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

/** Reads samples one by one into columns. */
export class SampleReader {
  private readonly reader: WireReader
  private readonly locationIds: IdSlots
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

  /**
   * Of a profile with `count` samples of `typeCount` types.
   *
   * @throws ProfileError when its bytes can't hold so many values.
   */
  constructor(reader: WireReader, count: number, typeCount: number, locationIds: IdSlots) {
    const { length } = reader.bytes
    if (count * typeCount > length) {
      throw new ProfileError(
        `the profile has ${count} samples of ${typeCount} types in ${length} bytes: values are missing`,
        DAMAGED,
      )
    }
    this.reader = reader
    this.locationIds = locationIds
    this.typeCount = typeCount
    this.locationStart = new Uint32Array(count + 1)
    this.sampleLocation = new Uint32List(count * 8)
    this.values = new Float64Array(count * typeCount)
    this.totals = new Float64Array(typeCount)
    this.labels = new Uint32Array(count)
    this.labelTable = new ByteRangeTable(reader.bytes)
  }

  /** Reads the next sample, which ends at `end`. */
  read(end: number): void {
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
          const fieldEnd = reader.readMessage(end)
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
    const { reader, sampleLocation } = this
    const { bytes } = reader
    if (reader.wireType !== WIRE.bytes) {
      sampleLocation.push(this.locationIds.read(reader, end))
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
      this.addValue(index, count, reader.readInt64(end, `a value of sample ${index}`))
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

  /** The samples that were read. */
  done(): RawSamples {
    return {
      locationStart: this.locationStart,
      location: this.sampleLocation.toArray(),
      values: this.values,
      totals: this.totals,
      labels: this.labels,
      labelRanges: this.labelRanges,
    }
  }
}
