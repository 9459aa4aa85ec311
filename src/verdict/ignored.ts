import type { Growth, StackGrowth } from './measurement.ts'

/** Functions whose stacks don't count, and why. */
export interface IgnoreRule {
  /** A regular expression, matched anywhere in the name of any function of a stack. */
  readonly pattern: string
  readonly reason?: string | undefined
}

/** A growth with the stacks that an ignore rule takes out of it. */
export interface Sifted {
  readonly counted: Growth
  /** What each rule took out, in the order of the rules; a stack goes to the first that matches. */
  readonly ignored: readonly {
    readonly rule: IgnoreRule
    readonly stacks: readonly StackGrowth[]
  }[]
}

/** Takes the stacks that match a rule out of a growth. */
export function sift(growth: Growth, rules: readonly IgnoreRule[]): Sifted {
  const patterns = rules.map(({ pattern }) => new RegExp(pattern, 'u'))
  const ruleOf = (stack: StackGrowth): number =>
    patterns.findIndex((pattern) => stack.frames.some((frame) => pattern.test(frame.function)))
  const byRule = new Map<number, StackGrowth[]>()
  for (const stack of growth.stacks) {
    const rule = ruleOf(stack)
    byRule.set(rule, [...(byRule.get(rule) ?? []), stack])
  }
  return {
    counted: { ...growth, stacks: byRule.get(-1) ?? [] },
    ignored: rules.map((rule, index) => ({ rule, stacks: byRule.get(index) ?? [] })),
  }
}

/** The sum of stacks, or of lines, in each snapshot. */
export function sumOf<Item>(
  items: readonly Item[],
  pick: (item: Item) => readonly number[],
): readonly number[] {
  return items.reduce<readonly number[]>(
    (sum, item) => pick(item).map((value, index) => value + (sum[index] ?? 0)),
    [],
  )
}
