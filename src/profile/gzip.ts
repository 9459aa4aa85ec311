import { Inflate } from 'pako'
import { ProfileError } from './profile-error.ts'

const MIN_CHUNK = 2 ** 16
/** Deflate can't do better than this, so a larger announcement is false. */
const MAX_RATIO = 1032

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * Inflates gzip, whole or as several members. It stops at `limit` bytes of output, whatever the
 * input announces.
 *
 * @throws ProfileError when the input is damaged, cut short or larger than the limit.
 */
export function gunzip(bytes: Uint8Array, limit: number): Uint8Array {
  const chunks: Uint8Array[] = []
  let length = 0
  const inflate = new Inflate({ chunkSize: inflatedSize(bytes, limit) })
  inflate.onData = (chunk) => {
    length += chunk.length
    if (length > limit) {
      throw new ProfileError(
        `the profile inflates to more than ${limit} bytes, the limit for one profile`,
        { hint: 'Raise the limit if you trust where the profile comes from.' },
      )
    }
    chunks.push(chunk)
  }
  inflate.onEnd = () => undefined
  inflate.push(bytes, true)
  if (inflate.err !== 0) throw damaged(inflate.msg, bytes.length)
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : joined(chunks, length)
}

/**
 * Room for the size that the trailer announces, as far as that is possible, plus one so that the end
 * is seen without another chunk.
 */
export function inflatedSize(bytes: Uint8Array, limit: number): number {
  if (bytes.length < 18) return MIN_CHUNK
  const announced = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(
    0,
    true,
  )
  const possible = Math.min(announced, bytes.length * MAX_RATIO, limit)
  return Math.max(MIN_CHUNK, possible + 1)
}

function damaged(reason: string, length: number): ProfileError {
  return reason === 'buffer error'
    ? new ProfileError(`the gzip data ends after ${length} bytes, before it is complete`, {
        hint: 'The download was cut short: download the profile again and compare its size.',
      })
    : new ProfileError(`the gzip data is damaged: ${reason}`, {
        hint: 'Download the profile again, in binary mode and without re-compression.',
      })
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
