import { StringTable } from './string-table.ts'
import type { WireReader } from './wire-reader.ts'

/** Notes where the texts of the string table are, one by one. */
export class StringReader {
  private readonly reader: WireReader
  private readonly stringStart: Uint32Array
  private readonly stringEnd: Uint32Array
  private stringCount = 0

  /** Of a profile with `count` texts. */
  constructor(reader: WireReader, count: number) {
    this.reader = reader
    this.stringStart = new Uint32Array(count)
    this.stringEnd = new Uint32Array(count)
  }

  /** Notes the next text, which ends at `end`. */
  read(end: number): void {
    this.stringStart[this.stringCount] = this.reader.position
    this.stringEnd[this.stringCount] = end
    if (this.stringCount === 0 && end > this.reader.position) {
      this.reader.fail('string 0 of the string table is not empty')
    }
    this.stringCount += 1
    this.reader.position = end
  }

  /** The texts that were noted. */
  done(): StringTable {
    return new StringTable(this.reader.bytes, this.stringStart, this.stringEnd)
  }
}
