import { WIRE, type WireReader } from './wire-reader.ts'

const FIRST_LARGE_SLOT = 2 ** 31

/**
 * Stands in for the uint64 ids of a profile by uint32 slots: an id below 2^31 is its own slot, a
 * larger one gets the next free slot above. Equal ids have equal slots.
 */
export class IdSlots {
  private readonly large = new Map<bigint, number>()

  /** The slot of the id of the tag just read. */
  read(reader: WireReader, end: number): number {
    reader.expect(WIRE.varint)
    reader.readVarint(end)
    return this.slotOf(reader)
  }

  /** The slot of the varint that was just read. */
  slotOf(reader: WireReader): number {
    if (reader.high === 0 && reader.low < FIRST_LARGE_SLOT) return reader.low
    const id = reader.uint64()
    const known = this.large.get(id)
    if (known !== undefined) return known
    const slot = FIRST_LARGE_SLOT + this.large.size
    this.large.set(id, slot)
    return slot
  }

  /** The id of a slot, for a message. */
  idOf(slot: number): string {
    if (slot < FIRST_LARGE_SLOT) return slot.toString()
    for (const [id, itsSlot] of this.large) if (itsSlot === slot) return id.toString()
    return '?'
  }
}

/** Finds the position of a table's entry by the slot of its id. */
export class SlotIndex {
  private readonly dense: Int32Array
  private readonly sparse = new Map<number, number>()
  /** The first entry with id 0, which the format reserves, or -1. */
  readonly reserved: number = -1
  /** The first entry whose id an earlier entry has, or -1. */
  readonly duplicate: number = -1

  constructor(slots: Uint32Array) {
    // Ids are dense in nearly every profile; the factor leaves room for pruned ones.
    this.dense = new Int32Array(slots.length * 4 + 16).fill(-1)
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] ?? 0
      if (slot === 0 && this.reserved < 0) this.reserved = index
      if (this.find(slot) >= 0 && this.duplicate < 0) this.duplicate = index
      if (slot < this.dense.length) this.dense[slot] = index
      else this.sparse.set(slot, index)
    }
  }

  /** The position of the entry, or -1. */
  find(slot: number): number {
    return slot < this.dense.length ? (this.dense[slot] ?? -1) : (this.sparse.get(slot) ?? -1)
  }
}
