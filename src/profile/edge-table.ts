const FREE = 0xffffffff

/** A call between two nodes, summed over all samples. */
export interface Edge {
  readonly from: number
  readonly to: number
  readonly weight: number
  /** Every such call was inlined. */
  readonly inline: boolean
  /** Some such call went through nodes that were left out. */
  readonly residual: boolean
}

/** The calls between nodes: a hash table in columns, because a large profile has millions of calls. */
export class EdgeTable {
  private readonly nodes: number
  private slots = new Uint32Array(1024).fill(FREE)
  private from = new Uint32Array(512)
  private to = new Uint32Array(512)
  private weight = new Float64Array(512)
  /** The last sample, counted from 1, in which the call was seen: recursion counts once. */
  private seenIn = new Uint32Array(512)
  private outOfLine = new Uint8Array(512)
  private residual = new Uint8Array(512)
  private count = 0

  /** `nodes` is how many nodes there are. */
  constructor(nodes: number) {
    this.nodes = nodes
  }

  add(
    from: number,
    to: number,
    sample: number,
    value: number,
    residual: boolean,
    inline: boolean,
  ): void {
    const edge = this.find(from, to)
    if (this.seenIn[edge] === sample) return
    this.seenIn[edge] = sample
    this.weight[edge] = (this.weight[edge] ?? 0) + value
    if (residual) this.residual[edge] = 1
    if (!inline) this.outOfLine[edge] = 1
  }

  private find(from: number, to: number): number {
    const mask = this.slots.length - 1
    let slot = hashOf(from, to) & mask
    for (;;) {
      const edge = this.slots[slot] ?? FREE
      if (edge === FREE) break
      if (this.from[edge] === from && this.to[edge] === to) return edge
      slot = (slot + 1) & mask
    }
    const edge = this.count++
    this.slots[slot] = edge
    if (edge === this.from.length) this.growColumns()
    this.from[edge] = from
    this.to[edge] = to
    if (this.count * 2 > this.slots.length) this.growSlots()
    return edge
  }

  private growColumns(): void {
    const length = this.from.length * 2
    const copy = <Column extends Uint32Array | Uint8Array | Float64Array>(
      grown: Column,
      column: Column,
    ): Column => {
      grown.set(column)
      return grown
    }
    this.from = copy(new Uint32Array(length), this.from)
    this.to = copy(new Uint32Array(length), this.to)
    this.weight = copy(new Float64Array(length), this.weight)
    this.seenIn = copy(new Uint32Array(length), this.seenIn)
    this.outOfLine = copy(new Uint8Array(length), this.outOfLine)
    this.residual = copy(new Uint8Array(length), this.residual)
  }

  private growSlots(): void {
    const slots = new Uint32Array(this.slots.length * 2).fill(FREE)
    const mask = slots.length - 1
    for (let edge = 0; edge < this.count; edge++) {
      let slot = hashOf(this.from[edge] ?? 0, this.to[edge] ?? 0) & mask
      while (slots[slot] !== FREE) slot = (slot + 1) & mask
      slots[slot] = edge
    }
    this.slots = slots
  }

  /**
   * The calls into and out of each node, by node number. A call into one of `nodes` whose weight is
   * under `cutoff` is left out.
   */
  byNode(nodes: readonly number[], cutoff: number): { into: Edge[][]; outOf: Edge[][] } {
    const shown = new Uint8Array(this.nodes)
    for (const node of nodes) shown[node] = 1
    const into = Array.from({ length: this.nodes }, (): Edge[] => [])
    const outOf = Array.from({ length: this.nodes }, (): Edge[] => [])
    for (let number = 0; number < this.count; number++) {
      const edge: Edge = {
        from: this.from[number] ?? 0,
        to: this.to[number] ?? 0,
        weight: this.weight[number] ?? 0,
        inline: this.outOfLine[number] === 0,
        residual: this.residual[number] === 1,
      }
      if (shown[edge.to] === 1 && Math.abs(edge.weight) < cutoff) continue
      into[edge.to]?.push(edge)
      outOf[edge.from]?.push(edge)
    }
    return { into, outOf }
  }
}

function hashOf(from: number, to: number): number {
  const hash = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b)
  return (hash ^ (hash >>> 15)) >>> 0
}
