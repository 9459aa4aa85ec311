/**
 * Makes heap profiles of any size from a fixed seed: stacks that share their roots, as those of a
 * service do, functions with inlined calls, four values and a block size for each sample.
 */
import { gzipSync } from 'node:zlib'
import { perftools } from '../proto/profile.js'

const { Profile, Sample } = perftools.profiles

/** A generator of numbers from 0 up to 1 (mulberry32): the same for the same seed. */
function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Two snapshots of one process as bytes: of the samples in the first, nine of ten are in the second
 * too, and half of those grew.
 */
export function generatePair(samples, seed = 1) {
  const random = randomFrom(seed)
  const pick = (count) => Math.floor(random() * count)
  const functions = Math.max(50, Math.min(20_000, Math.round(samples / 10)))
  const locations = functions * 3
  const strings = ['', 'bytes', 'count', 'space', 'alloc_objects', 'alloc_space', 'inuse_objects']
  strings.push('inuse_space', '/srv/shop/shop', '0123456789abcdef')
  const text = (value) => strings.push(value) - 1

  const tables = {
    sampleType: [
      { type: 4, unit: 2 },
      { type: 5, unit: 1 },
      { type: 6, unit: 2 },
      { type: 7, unit: 1 },
    ],
    periodType: { type: 3, unit: 1 },
    period: 524_288,
    mapping: [
      {
        id: 1,
        memoryStart: 0x400000,
        memoryLimit: 0x2000000,
        filename: 8,
        buildId: 9,
        hasFunctions: true,
      },
    ],
    function: Array.from({ length: functions }, (_, index) => {
      const module = `example.com/shop/internal/module${index % 97}`
      const name = text(`${module}.(*Service${index % 13}).Handle${index}`)
      const filename = text(`/srv/shop/internal/module${index % 97}/file${index % 211}.go`)
      return { id: index + 1, name, systemName: name, filename, startLine: 10 + pick(900) }
    }),
    location: Array.from({ length: locations }, (_, index) => ({
      id: index + 1,
      mappingId: 1,
      address: 0x401000 + index * 23,
      line: Array.from({ length: random() < 0.25 ? 2 : 1 }, () => ({
        functionId: 1 + pick(functions),
        line: 10 + pick(1000),
      })),
    })),
    stringTable: strings,
  }

  // Every place calls a few others: a stack is a walk from one of the roots, as in a real program.
  const callees = Array.from({ length: locations }, () =>
    Array.from({ length: 1 + pick(5) }, () => 1 + pick(locations)),
  )
  const roots = Array.from({ length: 12 }, () => 1 + pick(locations))
  const walk = (depth) => {
    const stack = [roots[pick(roots.length)]]
    while (stack.length < depth) {
      const next = callees[stack.at(-1) - 1]
      stack.push(next[pick(next.length)])
    }
    return stack.reverse()
  }
  const one = []
  const two = []
  for (let index = 0; index < samples; index++) {
    const locationId = walk(14 + pick(26))
    const size = 2 ** (4 + pick(10))
    const live = 1 + pick(500)
    const sample = (count) => ({
      locationId,
      value: [count * 3, count * 3 * size, count, count * size],
      label: [{ key: 1, num: size }],
    })
    one.push(Sample.encode(sample(live)).finish())
    if (random() < 0.9) two.push(Sample.encode(sample(live + pick(2) * pick(200))).finish())
  }
  const profile = (encoded, timeNanos) =>
    Buffer.concat([
      Profile.encode({ ...tables, timeNanos }).finish(),
      ...encoded.flatMap((bytes) => [header(bytes.length), bytes]),
    ])
  return [profile(one, 1e18), profile(two, 1e18 + 6e10)]
}

/** Tag of field 2, and the length of the sample. */
function header(length) {
  const bytes = [0x12]
  let rest = length
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest])
}

/** Compressed as Go compresses profiles: for speed. */
export const compressed = (bytes) => gzipSync(bytes, { level: 1 })
