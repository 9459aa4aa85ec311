/** A generator of numbers from 0 up to 1 (mulberry32): the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Varints at the edges: 2^64 - 1, 2^63, 2^53, one that never ends. */
const EXTREMES: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x00],
]

/** Damages a copy of a profile: bits flipped, cut, spliced with another, varints set to extremes. */
export function mutated(bytes: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  const at = (length: number): number => Math.floor(random() * length)
  let result = Uint8Array.from(bytes)
  const rounds = 1 + at(3)
  for (let round = 0; round < rounds; round++) {
    const from = at(result.length + 1)
    switch (at(6)) {
      case 0:
        if (from < result.length) result[from] = (result[from] ?? 0) ^ (1 << at(8))
        break
      case 1:
        result = result.slice(0, from)
        break
      case 2:
        result = joined(result.subarray(0, from), other.subarray(at(other.length)))
        break
      case 3: {
        const extreme = Uint8Array.from(EXTREMES[at(EXTREMES.length)] ?? [])
        result = joined(result.subarray(0, from), extreme, result.subarray(from + at(3)))
        break
      }
      case 4:
        result = joined(result.subarray(0, from), result.subarray(from + at(40)))
        break
      default: {
        const end = Math.min(result.length, from + at(200))
        result = joined(result.subarray(0, end), result.subarray(from, end), result.subarray(end))
      }
    }
  }
  return result
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
