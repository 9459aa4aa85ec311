import type { IdSlots } from './id-slots.ts'
import type { WireReader } from './wire-reader.ts'

/** Texts are indexes into the string table, `id` is a slot. */
export interface RawFunction {
  id: number
  name: number
  systemName: number
  filename: number
  startLine: number
}

/** Reads function number `index`, which ends at `end`. */
export function readFunction(
  reader: WireReader,
  end: number,
  index: number,
  functionIds: IdSlots,
): RawFunction {
  const read: RawFunction = { id: 0, name: 0, systemName: 0, filename: 0, startLine: 0 }
  while (reader.position < end) {
    reader.readTag(end)
    switch (reader.field) {
      case 1:
        read.id = functionIds.read(reader, end)
        break
      case 2:
        read.name = reader.readInt64(end, `the name of function ${index}`)
        break
      case 3:
        read.systemName = reader.readInt64(end, `the system name of function ${index}`)
        break
      case 4:
        read.filename = reader.readInt64(end, `the file name of function ${index}`)
        break
      case 5:
        read.startLine = reader.readInt64(end, `the start line of function ${index}`)
        break
      default:
        reader.skip(end)
    }
  }
  return read
}
