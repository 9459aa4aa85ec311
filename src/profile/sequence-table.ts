import { Uint32List } from './uint32-list.ts'

const FREE = 0xffffffff

/** Numbers distinct sequences of uint32 in the order of their arrival: a hash table without boxes. */
export class SequenceTable {
  private slots: Uint32Array
  private readonly hashes: Uint32List
  private readonly starts: Uint32List
  private readonly content: Uint32List

  /** `expected` sequences of about `length` numbers fit without growing. */
  constructor(expected: number, length: number) {
    this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(expected * 2 + 16))).fill(FREE)
    this.hashes = new Uint32List(expected + 1)
    this.starts = new Uint32List(expected + 2)
    this.content = new Uint32List(expected * length + 16)
    this.starts.push(0)
  }

  get size(): number {
    return this.hashes.length
  }

  /** The number of the sequence in the first `length` entries of `sequence`. */
  numberOf(sequence: Uint32Array, length: number): number {
    const hash = hashOf(sequence, length)
    const mask = this.slots.length - 1
    let slot = hash & mask
    for (;;) {
      const number = this.slots[slot] ?? FREE
      if (number === FREE) break
      if (this.hashes.data[number] === hash && this.equals(number, sequence, length)) return number
      slot = (slot + 1) & mask
    }
    const number = this.size
    this.slots[slot] = number
    this.hashes.push(hash)
    this.content.append(sequence, 0, length)
    this.starts.push(this.content.length)
    if (this.size * 2 > this.slots.length) this.grow()
    return number
  }

  private equals(number: number, sequence: Uint32Array, length: number): boolean {
    const start = this.starts.data[number] ?? 0
    if ((this.starts.data[number + 1] ?? 0) - start !== length) return false
    const { data } = this.content
    for (let at = 0; at < length; at++) {
      if (data[start + at] !== sequence[at]) return false
    }
    return true
  }

  private grow(): void {
    const slots = new Uint32Array(this.slots.length * 2).fill(FREE)
    const mask = slots.length - 1
    for (let number = 0; number < this.size; number++) {
      let slot = (this.hashes.data[number] ?? 0) & mask
      while (slots[slot] !== FREE) slot = (slot + 1) & mask
      slots[slot] = number
    }
    this.slots = slots
  }
}

function hashOf(sequence: Uint32Array, length: number): number {
  let hash = length
  for (let at = 0; at < length; at++) {
    hash = Math.imul(hash ^ (sequence[at] ?? 0), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return (hash ^ (hash >>> 13)) >>> 0
}
