import { checkSamePeriod } from './compatible.ts'
import { packageOf } from './function-name.ts'
import { withTextLabel } from './labels.ts'
import { mergeProfiles } from './merge.ts'
import { type LabelSet, type Profile, valueAt } from './profile.ts'
import { SequenceTable } from './sequence-table.ts'
import { withPrintedNames } from './symbolize.ts'

/** One call in a stack; inlined calls have frames of their own. */
export interface Frame {
  /** As `go tool pprof` prints it; may hold control characters. */
  readonly function: string
  /** The import path of the function's package; `''` when its name has none. */
  readonly package: string
  /** As the profile has it: mostly absolute, or `module@version/file` after `-trimpath`. */
  readonly file: string
  readonly line: number
  /** Inlined into the next frame. */
  readonly inlined: boolean
}

/** What a stack has at one block size: one bucket of Go's memory profiler. */
export interface StackBucket {
  /**
   * Bytes of each block, from the label `bytes` that Go attaches to heap samples: it is exact.
   * `undefined` in other profiles.
   */
  readonly blockSize: number | undefined
  /** By profile, then by sample type; 0 where the profile has no such sample. */
  readonly values: readonly (readonly number[])[]
}

/** A call stack, and what each profile has there. */
export interface AlignedStack {
  /** The leaf first. */
  readonly frames: readonly Frame[]
  /** The sums over `buckets`: by profile, then by sample type. */
  readonly values: readonly (readonly number[])[]
  /** In the order of their block size. */
  readonly buckets: readonly StackBucket[]
}

/** Marks the samples of each profile while they are merged. */
const SNAPSHOT = 'heapgate::snapshot'

/**
 * Lays the call stacks of several snapshots of one process side by side: the union of their stacks,
 * each with its values in every profile. Stacks are the same when their locations have the same
 * address relative to the mapping, the same function and line, as in `mergeProfiles`; labels do not
 * tell stacks apart. Stacks come in the order in which the profiles first have them.
 *
 * @throws ProfileError when the profiles are of different sample types or periods, or when their
 * values together pass 2^53.
 */
export function alignStacks(profiles: readonly Profile[]): readonly AlignedStack[] {
  if (profiles.length === 0) return []
  checkSamePeriod(profiles)
  const union = withPrintedNames(mergeProfiles(profiles.map(markedAs)))
  const { samples } = union
  const origins = samples.labelSets.map(originOf)
  const stackTable = new SequenceTable(samples.count, 8)
  const stacks: { frames: readonly Frame[]; buckets: Map<number | undefined, number[][]> }[] = []

  for (let index = 0; index < samples.count; index++) {
    const start = samples.locationStart[index] ?? 0
    const end = samples.locationStart[index + 1] ?? 0
    const locations = samples.location.subarray(start, end)
    const number = stackTable.numberOf(locations, locations.length)
    const stack = stacks[number] ?? {
      frames: framesOf(union, locations),
      buckets: new Map<number | undefined, number[][]>(),
    }
    stacks[number] = stack

    const { snapshot, blockSize } = origins[samples.labels[index] ?? 0] ?? NO_ORIGIN
    const values = stack.buckets.get(blockSize) ?? zeros(profiles.length, union)
    stack.buckets.set(blockSize, values)
    values[snapshot] = (values[snapshot] ?? []).map(
      (value, type) => value + valueAt(union, index, type),
    )
  }
  return stacks.map(({ frames, buckets }) => {
    const inOrder = [...buckets]
      .map(([blockSize, values]) => ({ blockSize, values }))
      .sort((a, b) => (a.blockSize ?? 0) - (b.blockSize ?? 0))
    return { frames, values: sumOf(inOrder, zeros(profiles.length, union)), buckets: inOrder }
  })
}

function markedAs(profile: Profile, snapshot: number): Profile {
  const labelSets = profile.samples.labelSets.map((set) =>
    withTextLabel(set, SNAPSHOT, [snapshot.toString()]),
  )
  return { ...profile, samples: { ...profile.samples, labelSets } }
}

interface Origin {
  readonly snapshot: number
  readonly blockSize: number | undefined
}

const NO_ORIGIN: Origin = { snapshot: 0, blockSize: undefined }

function originOf(set: LabelSet): Origin {
  const snapshot = set.texts.find(({ key }) => key === SNAPSHOT)?.values[0]
  const blockSize = set.numbers.find(({ key }) => key === 'bytes')?.values[0]
  return { snapshot: Number(snapshot ?? 0), blockSize }
}

function zeros(profiles: number, { sampleTypes }: Profile): number[][] {
  return Array.from({ length: profiles }, () => sampleTypes.map(() => 0))
}

function sumOf(buckets: readonly StackBucket[], sums: number[][]): number[][] {
  return sums.map((ofTypes, profile) =>
    ofTypes.map((_, type) =>
      buckets.reduce((sum, { values }) => sum + (values[profile]?.[type] ?? 0), 0),
    ),
  )
}

function framesOf(profile: Profile, stack: Uint32Array): Frame[] {
  const { functions, locations } = profile
  const frames: Frame[] = []
  for (const location of stack) {
    const start = locations.lineStart[location] ?? 0
    const end = locations.lineStart[location + 1] ?? 0
    for (let line = start; line < end; line++) {
      const entry = functions[locations.lineFunction[line] ?? 0]
      if (entry === undefined) continue
      frames.push({
        function: entry.name,
        package: packageOf(entry.name),
        file: entry.filename,
        line: locations.lineNumber[line] ?? 0,
        inlined: line < end - 1,
      })
    }
  }
  return frames
}
