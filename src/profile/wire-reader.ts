import { ProfileError } from './profile-error.ts'

/** Wire types of protocol buffers that pprof reads; groups (3 and 4) never occur in a profile. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

const TWO_32 = 2 ** 32

/**
 * A cursor over the wire format of protocol buffers. A varint is left in two halves, `low` and
 * `high`, so that no 64-bit value is rounded; what can't be represented is refused, never rounded.
 */
export class WireReader {
  readonly bytes: Uint8Array
  position: number
  /** The last varint read: its low and its high 32 bits. */
  low = 0
  high = 0
  /** The last tag read. */
  field = 0
  wireType = 0

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes
    this.position = position
  }

  /** Reads a varint into `low` and `high`. `end` is where the enclosing message ends. */
  readVarint(end: number): void {
    const { bytes } = this
    let position = this.position
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      if (position >= end) this.fail('the varint is cut short')
      const byte = bytes[position++] ?? 0
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = position
        this.low = low
        this.high = 0
        return
      }
    }
    this.position = position
    this.readLongVarint(low, end)
  }

  private readLongVarint(low28: number, end: number): void {
    const { bytes } = this
    let position = this.position
    let low = low28
    let high = 0
    for (let index = 4; ; index++) {
      if (index >= 10) this.fail('the varint has more than ten bytes')
      if (position >= end) this.fail('the varint is cut short')
      const byte = bytes[position++] ?? 0
      const bits = byte & 0x7f
      if (index === 4) {
        low |= bits << 28
        high = bits >>> 4
      } else {
        high |= bits << (7 * index - 32)
      }
      if (byte < 0x80) break
    }
    this.position = position
    this.low = low >>> 0
    this.high = high >>> 0
  }

  /** Reads a tag into `field` and `wireType`. */
  readTag(end: number): void {
    this.readVarint(end)
    this.field = this.high * 2 ** 29 + (this.low >>> 3)
    this.wireType = this.low & 7
  }

  /** Reads the length of a field of bytes and returns where it ends; the cursor is at its start. */
  readLength(end: number): number {
    const at = this.position
    this.readVarint(end)
    const length = this.high * TWO_32 + this.low
    if (length > end - this.position) {
      throw new ProfileError(
        `field ${this.field} at byte ${at}: ${length} bytes are announced, ${end - this.position} are left`,
        TRUNCATED,
      )
    }
    return this.position + length
  }

  /** Skips the value of the tag just read. */
  skip(end: number): void {
    switch (this.wireType) {
      case WIRE.varint:
        this.readVarint(end)
        return
      case WIRE.fixed64:
        this.advance(8, end)
        return
      case WIRE.bytes:
        this.position = this.readLength(end)
        return
      case WIRE.fixed32:
        this.advance(4, end)
        return
      default:
        this.fail(`wire type ${this.wireType} does not exist in a profile`)
    }
  }

  private advance(count: number, end: number): void {
    if (count > end - this.position) this.fail('the value is cut short')
    this.position += count
  }

  /** Refuses a field whose value is not of the wire type that the format gives it. */
  expect(wireType: number): void {
    if (this.wireType !== wireType) {
      this.fail(`field ${this.field} has wire type ${this.wireType}, expected ${wireType}`)
    }
  }

  /** The last varint as an int64. */
  int64(what: string): number {
    return this.high === 0 ? this.low : this.longInt64(what)
  }

  private longInt64(what: string): number {
    const negative = this.high >= 0x80000000
    const low = negative ? ~this.low >>> 0 : this.low
    const high = negative ? ~this.high >>> 0 : this.high
    const value = high * TWO_32 + low
    if (high >= 0x200000) {
      const exact = BigInt.asIntN(64, this.uint64())
      throw new ProfileError(
        `${what} at byte ${this.position} is ${exact.toString()}, beyond 2^53: it can't be counted exactly`,
        { hint: 'A value of this size is most likely damage: capture the profile again.' },
      )
    }
    return negative ? -1 - value : value
  }

  /** The last varint as a uint64. */
  uint64(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low)
  }

  /** Enters the message of the tag just read and returns where it ends. */
  readMessage(end: number): number {
    this.expect(WIRE.bytes)
    return this.readLength(end)
  }

  /** The int64 of the tag just read; `what` names it in a message. */
  readInt64(end: number, what: string): number {
    this.expect(WIRE.varint)
    this.readVarint(end)
    return this.int64(what)
  }

  readUint64(end: number): bigint {
    this.expect(WIRE.varint)
    this.readVarint(end)
    return this.uint64()
  }

  readBool(end: number): boolean {
    this.expect(WIRE.varint)
    this.readVarint(end)
    return (this.low | this.high) !== 0
  }

  fail(problem: string): never {
    throw new ProfileError(`byte ${this.position}: ${problem}`, TRUNCATED)
  }
}

const TRUNCATED = {
  hint: 'The profile is cut short or damaged: download it again and compare its size.',
}
