import { foreignFormat } from './foreign-format.ts'
import { gunzip, isGzip } from './gzip.ts'
import { ProfileError } from './profile-error.ts'
import type { Profile } from './profile.ts'
import { readRawProfile } from './raw-profile.ts'
import { resolveProfile } from './resolve.ts'

export interface DecodeLimits {
  /** Bytes that a profile may have once it is inflated. */
  readonly maxInflatedBytes?: number
}

/** Twenty times the largest profile that we measure; Go's own tools have no limit. */
export const MAX_INFLATED_BYTES = 2 ** 29

/**
 * Decodes a profile in the format of pprof (`proto/profile.proto`), compressed with gzip or not, and
 * checks it as google/pprof does.
 *
 * @throws ProfileError when the bytes are no profile, or one that is damaged, too large, or has
 * values that can't be summed exactly. The message says where, the hint what to do.
 */
export function decodeProfile(bytes: Uint8Array, limits: DecodeLimits = {}): Profile {
  const limit = limits.maxInflatedBytes ?? MAX_INFLATED_BYTES
  if (bytes.length === 0) throw empty()
  const inflated = isGzip(bytes) ? gunzip(bytes, limit) : bytes
  if (inflated.length === 0) throw empty()
  if (inflated.length > limit) {
    throw new ProfileError(
      `the profile has ${inflated.length} bytes, more than the limit of ${limit}`,
      { hint: 'Raise the limit if you trust where the profile comes from.' },
    )
  }
  try {
    return resolveProfile(readRawProfile(inflated))
  } catch (error) {
    if (error instanceof ProfileError) throw foreignFormat(inflated) ?? error
    throw error
  }
}

function empty(): ProfileError {
  return new ProfileError('the profile is empty: it has no bytes', {
    hint: 'The service sent nothing, or the file was never written: fetch the profile again.',
  })
}
