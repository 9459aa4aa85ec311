/** Numbers the distinct ranges of one buffer: ranges with the same bytes have the same number. */
export class ByteRangeTable {
  private readonly bytes: Uint8Array
  private slots = new Int32Array(64).fill(-1)
  private readonly starts: number[] = []
  private readonly ends: number[] = []

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get size(): number {
    return this.starts.length
  }

  range(number: number): readonly [start: number, end: number] {
    return [this.starts[number] ?? 0, this.ends[number] ?? 0]
  }

  numberOf(start: number, end: number): number {
    let slot = this.hash(start, end) & (this.slots.length - 1)
    for (;;) {
      const number = this.slots[slot] ?? -1
      if (number < 0) break
      if (this.equals(number, start, end)) return number
      slot = (slot + 1) & (this.slots.length - 1)
    }
    const number = this.size
    this.slots[slot] = number
    this.starts.push(start)
    this.ends.push(end)
    if (this.size * 2 > this.slots.length) this.grow()
    return number
  }

  private hash(start: number, end: number): number {
    let hash = 0x811c9dc5
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (this.bytes[at] ?? 0), 0x01000193)
    }
    return hash ^ (hash >>> 15)
  }

  private equals(number: number, start: number, end: number): boolean {
    const itsStart = this.starts[number] ?? 0
    if ((this.ends[number] ?? 0) - itsStart !== end - start) return false
    for (let at = 0; at < end - start; at++) {
      if (this.bytes[itsStart + at] !== this.bytes[start + at]) return false
    }
    return true
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1)
    for (let number = 0; number < this.size; number++) {
      let slot = this.hash(this.starts[number] ?? 0, this.ends[number] ?? 0) & (slots.length - 1)
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = number
    }
    this.slots = slots
  }
}
