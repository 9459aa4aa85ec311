import type { Profile } from './profile.ts'

const PREFIX = /^\/proc\/self\/cwd\/(\.\/)?/

/** The name of a file without the directory that a hermetic build, such as Bazel's, has before it. */
export function withoutBuildDirectory(file: string): string {
  return file.replace(PREFIX, '')
}

/** The profile with its files named so, as pprof names them in every view but its traces. */
export function withTrimmedFiles(profile: Profile): Profile {
  if (!profile.functions.some(({ filename }) => PREFIX.test(filename))) return profile
  const functions = profile.functions.map((entry) => ({
    ...entry,
    filename: withoutBuildDirectory(entry.filename),
  }))
  return { ...profile, functions }
}
