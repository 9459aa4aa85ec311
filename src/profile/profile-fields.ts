import { WireReader } from './wire-reader.ts'

/** Field numbers of the message Profile, as in `proto/profile.proto`. */
export const PROFILE_FIELD = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  string: 6,
  dropFrames: 7,
  keepFrames: 8,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultSampleType: 14,
  docUrl: 15,
} as const

/** How often each field of the profile occurs, so that every column has its size from the start. */
export function countFields(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(PROFILE_FIELD.docUrl + 1)
  const reader = new WireReader(bytes)
  while (reader.position < bytes.length) {
    reader.readTag(bytes.length)
    const { field } = reader
    reader.skip(bytes.length)
    if (field < counts.length) counts[field] = (counts[field] ?? 0) + 1
  }
  return counts
}

/** The byte where occurrence `index` of a field of the profile begins, for a message. */
export function byteOfField(bytes: Uint8Array, field: number, index: number): number {
  const reader = new WireReader(bytes)
  let seen = 0
  while (reader.position < bytes.length) {
    const at = reader.position
    reader.readTag(bytes.length)
    if (reader.field === field && seen++ === index) return at
    reader.skip(bytes.length)
  }
  return bytes.length
}
