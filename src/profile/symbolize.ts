import { printedName } from './function-name.ts'
import type { Profile, ProfileFunction } from './profile.ts'

/** The profile with its functions named as `go tool pprof` prints them. */
export function withPrintedNames(profile: Profile): Profile {
  const functions = profile.functions.map(named)
  return functions.some((entry, index) => entry !== profile.functions[index])
    ? { ...profile, functions }
    : profile
}

function named(entry: ProfileFunction): ProfileFunction {
  const name = printedName(entry.name, entry.systemName)
  return name === entry.name ? entry : { ...entry, name }
}
