import type { Verdict } from '../verdict/result.ts'

/** The sign and the words that a report begins with. */
export const HEADLINES: Readonly<
  Record<Verdict, { readonly sign: string; readonly words: string }>
> = {
  pass: { sign: '✅', words: 'the heap is within its budgets' },
  warn: { sign: '⚠️', words: 'have a look at the heap' },
  fail: { sign: '❌', words: 'the service keeps memory' },
  invalid: { sign: '⛔', words: 'the run can’t be judged' },
}
