import type { Verdict } from './verdict/result.ts'

/** Exit statuses of the terminal command and of the action. */
export const EXIT = { ok: 0, failed: 1, wrongUse: 2, invalid: 3 } as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

const BY_VERDICT: Readonly<Record<Verdict, ExitStatus>> = {
  pass: EXIT.ok,
  warn: EXIT.ok,
  fail: EXIT.failed,
  invalid: EXIT.invalid,
}

export const exitStatusOf = (verdict: Verdict): ExitStatus => BY_VERDICT[verdict]
