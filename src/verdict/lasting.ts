import type { FollowedBudget } from './budgets.ts'
import { sumOf } from './ignored.ts'
import type { CoolDown, Frame, StackGrowth } from './measurement.ts'
import { growthOf, isOwn } from './places.ts'

/** A line of the user's own that kept more in every round, whatever the total did. */
export interface LastingLine {
  readonly frame: Frame
  /** From the first snapshot to the last. */
  readonly bytes: number
}

/** A round has grown when it adds this share of what an even growth adds: as in trend.ts. */
const STEADY_SHARE = 0.25
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
  const limits = followed
    .filter(({ name }) => name === 'max-retained' || name === 'max-retained-per-request')
    .map(({ limits }) => limits)
  const limitAfter = (count: number): number =>
    Math.min(...limits.map(({ limit, rounds }) => limit * Math.max(1, count / rounds)))

  return byLine(stacks)
    .flatMap(({ frame, stacks: told }) => {
      const levels = sumOf(told, (stack) => stack.bytes)
      const rounds = levels.length - 1
      const first = levels[0] ?? 0
      const bytes = told.reduce((sum, stack) => sum + growthOf(stack).bytes, 0)
      const error = Math.hypot(...told.map(({ bytesError }) => bytesError))
      const isOver = bytes > limitAfter(rounds) + STANDARD_ERRORS * error
      const step = (STEADY_SHARE * bytes) / rounds
      const goesOn = levels.every((level, at) => at === 0 || level - (levels[at - 1] ?? 0) > step)
      const cooled = told.reduce((sum, stack) => sum + (stack.cooled ?? 0), 0)
      const stays = coolDown === undefined || cooled - first > limitAfter(coolDown.afterRounds)
      return isOver && goesOn && stays ? [{ frame, bytes }] : []
    })
    .sort((a, b) => b.bytes - a.bytes)
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
