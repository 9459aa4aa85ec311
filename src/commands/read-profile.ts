import { readFileSync } from 'node:fs'
import { HeapgateError, messageOf } from '../errors.ts'
import { decodeProfile } from '../profile/decode.ts'
import { type DiffKind, diffProfiles } from '../profile/diff.ts'
import { withDistinctTypes } from '../profile/distinct-types.ts'
import { mergeProfiles } from '../profile/merge.ts'
import { ProfileError } from '../profile/profile-error.ts'
import type { Profile } from '../profile/profile.ts'
import { inflated } from './inflate.ts'

const STANDARD_INPUT = 0

/**
 * Reads a profile from a file, or from standard input for `-`.
 *
 * @throws HeapgateError with the file's name, when it can't be read or is no profile.
 */
export function readProfile(path: string): Profile {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path === '-' ? STANDARD_INPUT : path)
  } catch (cause) {
    throw new HeapgateError(`${path}: it can't be read: ${messageOf(cause)}`, {
      hint: 'Give the path of a profile, such as one saved from /debug/pprof/heap.',
      cause,
    })
  }
  try {
    return withDistinctTypes(decodeProfile(inflated(bytes)))
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error
    throw new ProfileError(
      `${path}: ${error.message}`,
      error.hint === undefined ? { cause: error } : { hint: error.hint, cause: error },
    )
  }
}

/** Which profiles to read, as pprof's command line gives them. */
export interface ProfileSources {
  /** Added up. */
  readonly sources: readonly string[]
  /** Subtracted from the sources. */
  readonly base?: { readonly path: string; readonly kind: DiffKind }
}

/** Reads, adds up and subtracts profiles as `go tool pprof [-base …] SOURCE…` does. */
export function readProfiles({ sources, base }: ProfileSources): Profile {
  const current = sum(sources)
  return base === undefined ? current : diffProfiles(readProfile(base.path), current, base.kind)
}

/** One profile is taken as it is; pprof, too, merges only several. */
function sum(paths: readonly string[]): Profile {
  const profiles = paths.map(readProfile)
  const [first] = profiles
  return first !== undefined && profiles.length === 1 ? first : mergeProfiles(profiles)
}
