import { gunzip, isGzip } from '../../src/profile/gzip.ts'
import { decodeProfile } from '../../src/profile/decode.ts'
import { diffProfiles } from '../../src/profile/diff.ts'
import { encodeProfile } from '../../src/profile/encode.ts'
import { ProfileError } from '../../src/profile/profile-error.ts'
import { alignStacks } from '../../src/profile/stacks.ts'
import { DEFAULT_OPTIONS, prepareReport } from '../../src/views/report.ts'
import { topText } from '../../src/views/top.ts'
import { tracesText } from '../../src/views/traces.ts'
import { treeText } from '../../src/views/tree.ts'
import { mutated, randomFrom } from './mutations.ts'

/** How often each outcome came; `escapes` are the errors that are not ours, and what is too slow. */
export interface FuzzOutcome {
  readonly counts: ReadonlyMap<string, number>
  readonly escapes: readonly string[]
}

const MAX_INFLATED = 2 ** 24
const MAX_MS = 5000

/**
 * Damages recorded profiles and takes each through everything that reads a profile. An outcome is
 * right when it is a valid profile, all of whose views can be made, or a `ProfileError`.
 */
export async function fuzz(
  recorded: readonly Uint8Array[],
  runs: number,
  seed: number,
): Promise<FuzzOutcome> {
  const random = randomFrom(seed)
  const plain = recorded.map((bytes) => (isGzip(bytes) ? gunzip(bytes, MAX_INFLATED) : bytes))
  const pick = (from: readonly Uint8Array[]): Uint8Array =>
    from[Math.floor(random() * from.length)] ?? new Uint8Array()
  const counts = new Map<string, number>()
  const escapes: string[] = []
  for (let run = 0; run < runs; run++) {
    // Damage to compressed bytes mostly shows in the checksum: few runs are enough for it.
    const from = random() < 0.1 ? recorded : plain
    const bytes = mutated(pick(from), pick(from), random)
    const start = performance.now()
    let outcome: string
    try {
      outcome = await readWholly(bytes)
    } catch (error) {
      if (error instanceof ProfileError) outcome = `refused: ${kindOf(error)}`
      else {
        outcome = 'escaped'
        escapes.push(
          `run ${run} of seed ${seed}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
        )
      }
    }
    if (performance.now() - start > MAX_MS) escapes.push(`run ${run} of seed ${seed}: too slow`)
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }
  return { counts, escapes }
}

async function readWholly(bytes: Uint8Array): Promise<string> {
  const profile = decodeProfile(bytes, { maxInflatedBytes: MAX_INFLATED })
  decodeProfile(encodeProfile(profile))
  alignStacks([profile, profile])
  diffProfiles(profile, profile, 'diff_base')
  if (profile.sampleTypes.length === 0) return 'valid, without sample types'
  const report = await prepareReport(profile, DEFAULT_OPTIONS)
  const time = (): string => ''
  for (const text of [topText(report, time), treeText(report, time), tracesText(report, time)]) {
    // eslint-disable-next-line no-control-regex -- control characters are what must not come through
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text)) throw new Error('a control character came through')
  }
  return 'valid'
}

/** The message without what differs from run to run. */
function kindOf(error: ProfileError): string {
  return error.message
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/-?\d+/g, 'N')
    .replace(/^(N(st|nd|rd|th)? )?(the profiles have different .*?): .*/, '$3')
    .slice(0, 70)
}
