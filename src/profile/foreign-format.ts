import { ProfileError } from './profile-error.ts'

interface ForeignFormat {
  readonly begins: RegExp
  readonly message: (line: string) => string
  readonly hint: string
}

/** What people hand over in place of a profile, by how it begins. */
const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  {
    begins: /^\s*<(!doctype|html|\?xml|head|body|pre)/i,
    message: () => 'this is an HTML page, not a profile',
    hint: 'Fetch the profile itself, such as /debug/pprof/heap, not the page that lists it.',
  },
  {
    begins: /^(heap|goroutine|threadcreate|allocs|block|mutex) profile: |^--- /,
    message: (line) => `this is a profile in the legacy text format ("${line}")`,
    hint: 'Fetch it without ?debug=1: the text lacks what a comparison needs.',
  },
  {
    begins: /^404 |^not found/i,
    message: (line) => `this is a "not found" answer ("${line}"), not a profile`,
    hint: 'The address has no profile: import net/http/pprof in the service, and check the path.',
  },
  {
    begins: /^\s*[{[]\s*["{[\]}]/,
    message: () => 'this is JSON, not a profile',
    hint: 'Export it as profile.proto (.pb.gz).',
  },
]

const TEXT_SAMPLE = 512

/**
 * Names what bytes are that are no profile. `undefined` when they don't look like a known format or
 * a text.
 */
export function foreignFormat(bytes: Uint8Array): ProfileError | undefined {
  const sample = bytes.subarray(0, TEXT_SAMPLE)
  if (!sample.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))) return undefined
  const text = new TextDecoder().decode(sample)
  const line = (/^[^\r\n]*/.exec(text.trim())?.[0] ?? '').slice(0, 60)
  const known = FOREIGN_FORMATS.find(({ begins }) => begins.test(text))
  return known === undefined
    ? new ProfileError(`this is a text ("${line}"), not a profile`, {
        hint: 'A profile is binary: gzip or protocol buffer, as /debug/pprof/heap answers.',
      })
    : new ProfileError(known.message(line), { hint: known.hint })
}
