import { readdirSync, readFileSync } from 'node:fs'
import { decodeProfile } from '../../src/profile/decode.ts'
import type { Profile } from '../../src/profile/profile.ts'

const ROOT = new URL('../../fixtures/profiles/', import.meta.url)

/** The bytes of a recorded file: `go1.27-rate-1/heap-0.pb.gz`. */
export function recordedBytes(name: string): Uint8Array {
  return readFileSync(new URL(name, ROOT))
}

export function recordedText(name: string): string {
  return readFileSync(new URL(name, ROOT), 'utf8')
}

export function recordedProfile(name: string): Profile {
  return decodeProfile(recordedBytes(name))
}

/** The names of all recorded profiles. */
export function recordedNames(): string[] {
  return readdirSync(ROOT).flatMap((directory) =>
    readdirSync(new URL(directory, ROOT))
      .filter((file) => file.endsWith('.pb.gz'))
      .map((file) => `${directory}/${file}`),
  )
}
