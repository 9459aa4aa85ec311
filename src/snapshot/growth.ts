import { sampleIndex } from '../profile/sample-index.ts'
import { type AlignedStack, alignStacks, type Frame as ProfileFrame } from '../profile/stacks.ts'
import { pathInRoot } from '../source/workspace.ts'
import type { Frame, Growth, StackGrowth } from '../verdict/measurement.ts'
import type { HeapSnapshot } from './heap-snapshot.ts'

/** Stacks listed one by one in a measurement; the smaller changes are folded into one sum. */
const LISTED_STACKS = 1000

/**
 * What changed between the snapshots of one process, by call stack: the largest change from the
 * first to the last comes first. Files inside `repository` get their path in it. Snapshots of different sampling rates can't be compared by stack;
 * they give no stacks.
 */
export function readGrowth(snapshots: readonly HeapSnapshot[], repository: string): Growth {
  const profiles = snapshots.map(({ profile }) => profile)
  const [first] = profiles
  if (first === undefined || profiles.some(({ period }) => period !== first.period)) return NOTHING
  const space = sampleIndex(first, 'inuse_space')
  const objects = sampleIndex(first, 'inuse_objects')
  const changed = alignStacks(profiles)
    .map((stack) => ({
      stack,
      bytes: seriesOf(stack, space),
      objects: seriesOf(stack, objects),
    }))
    .filter(({ bytes, objects }) => changeOf(bytes) !== 0 || changeOf(objects) !== 0)
    .sort((a, b) => Math.abs(changeOf(b.bytes)) - Math.abs(changeOf(a.bytes)))

  const locate = locator(repository)
  const stacks = changed.slice(0, LISTED_STACKS).map(({ stack, bytes, objects }): StackGrowth => ({
    frames: stack.frames.map(locate),
    bytes,
    objects,
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

const seriesOf = (stack: AlignedStack, sampleType: number): number[] =>
  stack.values.map((values) => values[sampleType] ?? 0)

const changeOf = (series: readonly number[]): number => (series.at(-1) ?? 0) - (series[0] ?? 0)

function sumSeries(all: readonly (readonly number[])[]): number[] {
  return all.reduce<number[]>(
    (sum, series) => series.map((value, index) => value + (sum[index] ?? 0)),
    [],
  )
}

/** Finds the files of frames in the repository, each file once. */
function locator(repository: string): (frame: ProfileFrame) => Frame {
  const paths = new Map<string, string | undefined>()
  return (frame) => {
    const { file, line } = frame
    if (!paths.has(file)) paths.set(file, pathInRoot(repository, file))
    const path = paths.get(file)
    return { function: frame.function, file, line, ...(path === undefined ? {} : { path }) }
  }
}
