/** A list of uint32 that grows by doubling. */
export class Uint32List {
  /** Room for the numbers; those from `length` on mean nothing. */
  data: Uint32Array
  length = 0

  constructor(capacity = 16) {
    this.data = new Uint32Array(capacity)
  }

  /** Makes room for `count` more numbers. */
  reserve(count: number): void {
    if (this.length + count <= this.data.length) return
    const grown = new Uint32Array(Math.max(this.data.length * 2, this.length + count))
    grown.set(this.data.subarray(0, this.length))
    this.data = grown
  }

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(1)
    this.data[this.length++] = value
  }

  /** Adds the numbers from `start` up to `end` of a column. */
  append(column: Uint32Array, start: number, end: number): void {
    this.reserve(end - start)
    const { data } = this
    let { length } = this
    // Stacks are short: a loop copies them faster than a view and its `set` do.
    for (let at = start; at < end; at++) data[length++] = column[at] ?? 0
    this.length = length
  }

  /** The numbers, without the spare room when that is most of it. */
  toArray(): Uint32Array {
    return this.length * 2 < this.data.length
      ? this.data.slice(0, this.length)
      : this.data.subarray(0, this.length)
  }
}
