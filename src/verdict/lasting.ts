import type { FollowedBudget } from './budgets.ts'
import { sumOf } from './ignored.ts'
import type { CoolDown, Frame, StackGrowth } from './measurement.ts'
import { isOwn } from './places.ts'
import { changeOf, limitAfter, risesInEveryRound, standsStill } from './trend.ts'

/** A line of the user's own that kept more in every round, whatever the total did. */
export interface LastingLine {
  readonly frame: Frame
  /** From the first snapshot to the last. */
  readonly bytes: number
  /** What it held in each snapshot: sampled. */
  readonly levels: readonly number[]
}

/** Sampled growth counts when it is over the limit by so many standard errors. */
const STANDARD_ERRORS = 3

/**
 * The lines that alone kept more than the heap's budgets allow, more in every round, and through the
 * wait without load if there was one; the most first. A total hides them when something else goes
 * meanwhile: a batch that is written, a table of the start, a cache of the warm-up.
 */
export function lastingLines(
  stacks: readonly StackGrowth[],
  followed: readonly FollowedBudget[],
  coolDown: CoolDown | undefined,
): readonly LastingLine[] {
  const heap = heapBudgets(followed)
  const limitOver = (count: number): number =>
    Math.min(...heap.map(({ limits }) => limitAfter(limits, count)))

  const lines = byLine(stacks)
    .flatMap(({ frame, stacks: told }) => {
      const levels = sumOf(told, (stack) => stack.bytes)
      const first = levels[0] ?? 0
      const bytes = changeOf(levels)
      const error = Math.hypot(...told.map(({ bytesError }) => bytesError))
      const isOver = bytes > limitOver(levels.length - 1) + STANDARD_ERRORS * error
      const goesOn = risesInEveryRound(levels)
      const cooled = told.reduce((sum, stack) => sum + (stack.cooled ?? 0), 0)
      const stays = coolDown === undefined || cooled - first > limitOver(coolDown.afterRounds)
      return isOver && goesOn && stays ? [{ frame, bytes, levels }] : []
    })
    .sort((a, b) => b.bytes - a.bytes)
  const taken = lines.reduce((sum, { bytes }) => sum + bytes, 0)
  return standsStill(heap[0]?.series.levels ?? [], taken) ? [] : lines
}

/** The budgets on the bytes of the heap, which the lines of a profile are part of. */
export function heapBudgets(followed: readonly FollowedBudget[]): readonly FollowedBudget[] {
  return followed.filter(isHeapBudget)
}

/** Whether a budget is one of those. */
export function isHeapBudget({ name }: FollowedBudget): boolean {
  return name === 'max-retained' || name === 'max-retained-per-request'
}

/** Stacks by the line of the user's own that is the nearest to their leaf. */
function byLine(stacks: readonly StackGrowth[]): readonly LineStacks[] {
  const lines = new Map<string, LineStacks>()
  for (const stack of stacks) {
    const frame = stack.frames.find(isOwn)
    if (frame === undefined) continue
    const key = `${frame.function}\0${frame.file}\0${frame.line.toString()}`
    lines.set(key, { frame, stacks: [...(lines.get(key)?.stacks ?? []), stack] })
  }
  return [...lines.values()]
}

interface LineStacks {
  readonly frame: Frame
  readonly stacks: readonly StackGrowth[]
}
