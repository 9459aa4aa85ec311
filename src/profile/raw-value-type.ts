import type { WireReader } from './wire-reader.ts'

/** Indexes into the string table. */
export interface RawValueType {
  type: number
  unit: number
}

/** Reads a value type that ends at `end`. */
export function readValueType(reader: WireReader, end: number): RawValueType {
  const read: RawValueType = { type: 0, unit: 0 }
  while (reader.position < end) {
    reader.readTag(end)
    switch (reader.field) {
      case 1:
        read.type = reader.readInt64(end, 'the type of a value type')
        break
      case 2:
        read.unit = reader.readInt64(end, 'the unit of a value type')
        break
      default:
        reader.skip(end)
    }
  }
  return read
}
