import type { IdSlots } from './id-slots.ts'
import { ProfileError } from './profile-error.ts'
import { Uint32List } from './uint32-list.ts'
import { WIRE, type WireReader } from './wire-reader.ts'

/** Where the low half of a 64-bit element is, seen as two uint32. */
const LOW_HALF = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1

/** Tag and length of the message, tag and value of its id. */
const MIN_LOCATION_BYTES = 4

/** By location; lines by `lineStart`. Ids are slots (`IdSlots`). */
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

/** Reads locations one by one into columns. */
export class LocationReader {
  private readonly reader: WireReader
  private readonly locationIds: IdSlots
  private readonly mappingIds: IdSlots
  private readonly functionIds: IdSlots
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

  /**
   * Of a profile with `count` locations.
   *
   * @throws ProfileError when its bytes can't hold so many.
   */
  constructor(
    reader: WireReader,
    count: number,
    ids: { locationIds: IdSlots; mappingIds: IdSlots; functionIds: IdSlots },
  ) {
    const { length } = reader.bytes
    if (count * MIN_LOCATION_BYTES > length) {
      throw new ProfileError(
        `the profile has ${count} locations in ${length} bytes: ids are missing`,
        { hint: 'The profile is damaged: capture it again.' },
      )
    }
    this.reader = reader
    this.locationIds = ids.locationIds
    this.mappingIds = ids.mappingIds
    this.functionIds = ids.functionIds
    this.locationId = new Uint32Array(count)
    this.locationMapping = new Uint32Array(count)
    this.locationAddress = new BigUint64Array(count)
    this.addressHalves = new Uint32Array(this.locationAddress.buffer)
    this.isFolded = new Uint8Array(count)
    this.lineStart = new Uint32Array(count + 1)
    this.lineFunction = new Uint32List(count)
    this.lineNumber = new Float64Array(count)
    this.lineColumn = new Float64Array(count)
  }

  /** Reads the next location, which ends at `end`. */
  read(end: number): void {
    const { reader } = this
    const index = this.locationCount++
    while (reader.position < end) {
      reader.readTag(end)
      switch (reader.field) {
        case 1:
          this.locationId[index] = this.locationIds.read(reader, end)
          break
        case 2:
          this.locationMapping[index] = this.mappingIds.read(reader, end)
          break
        case 3:
          reader.expect(WIRE.varint)
          reader.readVarint(end)
          this.addressHalves[index * 2 + LOW_HALF] = reader.low
          this.addressHalves[index * 2 + 1 - LOW_HALF] = reader.high
          break
        case 4:
          this.readLine(reader.readMessage(end), index)
          break
        case 5:
          this.isFolded[index] = reader.readBool(end) ? 1 : 0
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
          id = this.functionIds.read(reader, end)
          break
        case 2:
          number = reader.readInt64(end, `the line number of location ${location}`)
          break
        case 3:
          column = reader.readInt64(end, `the column of location ${location}`)
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

  /** The locations that were read. */
  done(): RawLocations {
    return {
      id: this.locationId,
      mapping: this.locationMapping,
      address: this.locationAddress,
      isFolded: this.isFolded,
      lineStart: this.lineStart,
      lineFunction: this.lineFunction.toArray(),
      lineNumber: this.lineNumber.subarray(0, this.lineFunction.length),
      lineColumn: this.lineColumn.subarray(0, this.lineFunction.length),
    }
  }
}

function doubled(column: Float64Array): Float64Array {
  const grown = new Float64Array(Math.max(16, column.length * 2))
  grown.set(column)
  return grown
}
