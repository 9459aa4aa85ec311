import type { Goroutines, GoroutineStack } from './measurement.ts'
import { isOwn } from './places.ts'
import type { GoroutineGrowth } from './result.ts'
import { changeOf } from './trend.ts'

/**
 * Goroutines gained from the baseline to the last snapshot, by stack, the most first. Where there
 * are no more than before, one of the libraries’ that merely waits elsewhere is none gained.
 */
export function gainedGoroutines({ stacks, leaked }: Goroutines): readonly GoroutineGrowth[] {
  const total = stacks.reduce((sum, { counts }) => sum + changeOf(counts), 0)
  return [
    ...(leaked?.stacks ?? []).map((stack) => readStack(stack, true)),
    ...stacks.map((stack) => readStack(stack, false)),
  ]
    .filter(({ gained, startedBy }) => gained > 0 && startedBy !== '')
    .filter((growth) => total > 0 || growth.leaked || growth.path !== undefined)
    .sort((a, b) => b.gained - a.gained)
}

function readStack(
  { frames, createdBy, counts }: GoroutineStack,
  leaked: boolean,
): GoroutineGrowth {
  const told = frames.find(isOwn) ?? frames[0]
  return {
    gained: changeOf(counts),
    leaked,
    function: told?.function ?? '(no frames)',
    file: told?.file ?? '',
    line: told?.line ?? 0,
    ...(told?.path === undefined ? {} : { path: told.path }),
    waitsIn: frames[0]?.function ?? '',
    startedBy: frames.at(-1)?.function ?? '',
    ...(createdBy === undefined ? {} : { createdBy }),
  }
}
