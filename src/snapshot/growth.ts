import { sampleIndex } from '../profile/sample-index.ts'
import { type AlignedStack, alignStacks, type Frame as ProfileFrame } from '../profile/stacks.ts'
import type { Workspace } from '../source/workspace.ts'
import type { Frame, Growth, StackGrowth } from '../verdict/measurement.ts'
import type { HeapSnapshot } from './heap-snapshot.ts'

/** Stacks listed one by one in a measurement; the smaller changes are folded into one sum. */
const LISTED_STACKS = 1000

/**
 * What changed between the snapshots of one process, by call stack: the largest change from the
 * first to the last comes first. Snapshots of different sampling rates can't be compared by stack;
 * they give no stacks.
 */
export async function readGrowth(
  snapshots: readonly HeapSnapshot[],
  workspace: Workspace,
): Promise<Growth> {
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

  const locate = locator(workspace)
  const stacks = await Promise.all(
    changed
      .slice(0, LISTED_STACKS)
      .map(async ({ stack, bytes, objects }): Promise<StackGrowth> => ({
        frames: await Promise.all(stack.frames.map(locate)),
        bytes,
        objects,
      })),
  )
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

/** Finds the files of frames in the workspace, each file once. */
function locator(workspace: Workspace): (frame: ProfileFrame) => Promise<Frame> {
  const paths = new Map<string, Promise<string | undefined>>()
  return async (frame) => {
    const { file, line } = frame
    const pending = paths.get(file) ?? workspace.pathOf(file)
    paths.set(file, pending)
    const path = await pending
    return { function: frame.function, file, line, ...(path === undefined ? {} : { path }) }
  }
}
