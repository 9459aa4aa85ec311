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

/** Numbers of one edge in `EdgeTable.columns`, side by side: a call touches all of them. */
const FROM = 0
const TO = 1
/** The last sample, counted from 1, in which the call was seen: recursion counts once. */
const SEEN_IN = 2
const FLAGS = 3
const STRIDE = 4

const OUT_OF_LINE = 1
const RESIDUAL = 2

/** The calls between nodes: a hash table in columns, because a large profile has millions of calls. */
export class EdgeTable {
  private readonly nodes: number
  private slots = new Uint32Array(1024).fill(FREE)
  private columns = new Uint32Array(512 * STRIDE)
  private weight = new Float64Array(512)
  private count = 0

  /** `nodes` is how many nodes there are. */
  constructor(nodes: number) {
    this.nodes = nodes
  }

  /** Adds a call that a sample, counted from 1, has; a second time in one sample it does not count. */
  add(
    from: number,
    to: number,
    sample: number,
    value: number,
    residual: boolean,
    inline: boolean,
  ): void {
    const edge = this.find(from, to)
    const { columns } = this
    const at = edge * STRIDE
    if (columns[at + SEEN_IN] === sample) return
    columns[at + SEEN_IN] = sample
    columns[at + FLAGS] =
      (columns[at + FLAGS] ?? 0) | (inline ? 0 : OUT_OF_LINE) | (residual ? RESIDUAL : 0)
    this.weight[edge] = (this.weight[edge] ?? 0) + value
  }

  private find(from: number, to: number): number {
    const { slots, columns } = this
    const mask = slots.length - 1
    let slot = hashOf(from, to) & mask
    for (;;) {
      const edge = slots[slot] ?? FREE
      if (edge === FREE) break
      if (columns[edge * STRIDE + FROM] === from && columns[edge * STRIDE + TO] === to) return edge
      slot = (slot + 1) & mask
    }
    const edge = this.count++
    slots[slot] = edge
    if (edge === this.weight.length) this.growColumns()
    this.columns[edge * STRIDE + FROM] = from
    this.columns[edge * STRIDE + TO] = to
    if (this.count * 2 > slots.length) this.growSlots()
    return edge
  }

  private growColumns(): void {
    const columns = new Uint32Array(this.columns.length * 2)
    columns.set(this.columns)
    this.columns = columns
    const weight = new Float64Array(this.weight.length * 2)
    weight.set(this.weight)
    this.weight = weight
  }

  private growSlots(): void {
    const slots = new Uint32Array(this.slots.length * 2).fill(FREE)
    const mask = slots.length - 1
    for (let edge = 0; edge < this.count; edge++) {
      const from = this.columns[edge * STRIDE + FROM] ?? 0
      let slot = hashOf(from, this.columns[edge * STRIDE + TO] ?? 0) & mask
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
      const at = number * STRIDE
      const flags = this.columns[at + FLAGS] ?? 0
      const edge: Edge = {
        from: this.columns[at + FROM] ?? 0,
        to: this.columns[at + TO] ?? 0,
        weight: this.weight[number] ?? 0,
        inline: (flags & OUT_OF_LINE) === 0,
        residual: (flags & RESIDUAL) !== 0,
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
