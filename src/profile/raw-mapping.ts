import type { IdSlots } from './id-slots.ts'
import type { WireReader } from './wire-reader.ts'

/** Texts are indexes into the string table, `id` is a slot. */
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

/** Reads mapping number `index`, which ends at `end`. */
export function readMapping(
  reader: WireReader,
  end: number,
  index: number,
  mappingIds: IdSlots,
): RawMapping {
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
        read.id = mappingIds.read(reader, end)
        break
      case 2:
        read.start = reader.readUint64(end)
        break
      case 3:
        read.limit = reader.readUint64(end)
        break
      case 4:
        read.offset = reader.readUint64(end)
        break
      case 5:
        read.file = reader.readInt64(end, `the file of mapping ${index}`)
        break
      case 6:
        read.buildId = reader.readInt64(end, `the build id of mapping ${index}`)
        break
      case 7:
        read.hasFunctions = reader.readBool(end)
        break
      case 8:
        read.hasFilenames = reader.readBool(end)
        break
      case 9:
        read.hasLineNumbers = reader.readBool(end)
        break
      case 10:
        read.hasInlineFrames = reader.readBool(end)
        break
      default:
        reader.skip(end)
    }
  }
  return read
}
