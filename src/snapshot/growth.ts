import { sampleIndex } from '../profile/sample-index.ts'
import { growthError } from '../profile/sampling-error.ts'
import { type AlignedStack, alignStacks, type Frame as ProfileFrame } from '../profile/stacks.ts'
import type { SourceTree } from '../source/source-tree.ts'
import type { Profile } from '../profile/profile.ts'
import { isInstrument } from '../verdict/instrument-file.ts'
import type { Frame, GoroutineStack, Growth, StackGrowth } from '../verdict/measurement.ts'
import { changeOf } from '../verdict/trend.ts'
import type { Creator } from './goroutine-creators.ts'
import type { HeapSnapshot } from './heap-snapshot.ts'

/** Stacks listed one by one in a measurement; the smaller changes are folded into one sum. */
const LISTED_STACKS = 1000

/**
 * What changed between the snapshots of one process, by call stack: the largest change from the
 * first to the last comes first. Files of the repository get their path in it. Snapshots of
 * different sampling rates can't be compared by stack; they give no stacks.
 *
 * @param cooled the look after a wait without load, which is no round
 */
export function readGrowth(
  snapshots: readonly HeapSnapshot[],
  sources: SourceTree,
  cooled?: HeapSnapshot,
): Growth {
  const profiles = [...snapshots, ...(cooled === undefined ? [] : [cooled])].map(({ heap }) => heap)
  const [first] = profiles
  if (first === undefined || profiles.some(({ period }) => period !== first.period)) return NOTHING
  const space = sampleIndex(first, 'inuse_space')
  const objects = sampleIndex(first, 'inuse_objects')
  const types = {
    period: first.period,
    allocSpace: sampleIndex(first, 'alloc_space'),
    inuseSpace: space,
  }
  const changed = alignStacks(profiles)
    .map((all) => ({ stack: inFirst(snapshots.length, all), wait: all.values[snapshots.length] }))
    .map(({ stack, wait }) => ({
      stack,
      bytes: seriesOf(stack, space),
      objects: seriesOf(stack, objects),
      ...(wait === undefined ? {} : { cooled: wait[space] ?? 0 }),
    }))
    .filter(({ bytes, objects }) => changeOf(bytes) !== 0 || changeOf(objects) !== 0)
    .sort((a, b) => Math.abs(changeOf(b.bytes)) - Math.abs(changeOf(a.bytes)))

  const locate = locator(sources)
  const stacks = changed.slice(0, LISTED_STACKS).map(({ stack, ...series }): StackGrowth => ({
    bytesError: growthError(stack, types),
    frames: stack.frames.map(locate),
    ...series,
  }))
  const rest = changed.slice(LISTED_STACKS)
  return {
    stacks,
    folded: {
      stacks: rest.length,
      bytes: sumSeries(rest.map(({ bytes }) => bytes)),
      objects: sumSeries(rest.map(({ objects }) => objects)),
    },
  }
}

const NOTHING: Growth = { stacks: [], folded: { stacks: 0, bytes: [], objects: [] } }

/** A stack with its values in the first profiles alone: the error of growth is told from them. */
const inFirst = (count: number, { frames, values, buckets }: AlignedStack): AlignedStack => ({
  frames,
  values: values.slice(0, count),
  buckets: buckets.map((bucket) => ({ ...bucket, values: bucket.values.slice(0, count) })),
})

const seriesOf = (stack: AlignedStack, sampleType: number): number[] =>
  stack.values.map((values) => values[sampleType] ?? 0)

function sumSeries(all: readonly (readonly number[])[]): number[] {
  return all.reduce<number[]>(
    (sum, series) => series.map((value, index) => value + (sum[index] ?? 0)),
    [],
  )
}

/** Goroutines by stack, and who starts them, in two goroutine profiles of one process: the stacks whose count changed. */
export function readGoroutines(
  before: Profile,
  after: Profile,
  creators: ReadonlyMap<string, Creator>,
  sources: SourceTree,
): readonly GoroutineStack[] {
  const locate = locator(sources)
  return alignStacks([before, after])
    .map((stack) => ({ stack, counts: seriesOf(stack, 0) }))
    .filter(({ counts }) => changeOf(counts) !== 0)
    .sort((a, b) => changeOf(b.counts) - changeOf(a.counts))
    .slice(0, LISTED_STACKS)
    .map(({ stack, counts }) => {
      const creator = creators.get(stack.frames.at(-1)?.function ?? '')
      const createdBy = creator === undefined ? {} : { createdBy: locate(creator) }
      return { frames: stack.frames.map(locate), ...createdBy, counts }
    })
}

function locator(
  sources: SourceTree,
): (frame: Pick<ProfileFrame, 'function' | 'file' | 'line'>) => Frame {
  return (frame) => {
    const { file, line } = frame
    const path = isInstrument(frame) ? undefined : sources.pathOf(file)
    return { function: frame.function, file, line, ...(path === undefined ? {} : { path }) }
  }
}
