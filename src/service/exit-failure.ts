import { formatBytes } from '../units/bytes.ts'
import type { OomKills } from './oom-record.ts'
import { RunFailure } from './run-failure.ts'
import { describeExit, type ServiceExit } from './service-process.ts'

/** What is known when a service has ended by itself. */
export interface ExitFacts {
  readonly exit: ServiceExit
  /** How the sentence about the end goes on: `before it was ready`. */
  readonly when: string
  /** The end of its output. */
  readonly log: string
  readonly oomKills: OomKills
  /** The most resident memory that it was seen with. */
  readonly peakBytes: number
}

/** The failure that the end of a service is: for want of memory, or any other. */
export function exitFailure(facts: ExitFacts): RunFailure {
  const { exit, when, log, peakBytes } = facts
  const shortage = outOfMemory(facts)
  if (shortage !== undefined) {
    return new RunFailure('out-of-memory', `${shortage} ${when}.`, {
      log,
      hint: `It had up to ${formatBytes(peakBytes)} resident. Lower memory-guard to get a verdict before that, or give the job more memory.`,
    })
  }
  const hint = isKill(exit)
    ? killHint(facts.oomKills)
    : exit.kind === 'status'
      ? SHELL_HINTS[exit.status]
      : undefined
  return new RunFailure('exited', `The service ${describeExit(exit)} ${when}.`, {
    log,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** By the status of the shell: 126 and 127 when it can't start or can't find a command. */
const SHELL_HINTS: Readonly<Record<number, string>> = {
  0: 'The command of `run` ended by itself: let the service stay in the foreground.',
  126: 'The shell found the command of `run` but may not execute it: is it executable?',
  127: 'The shell did not find the command of `run`: is the path right, and is it built?',
}

/** What Go's runtime prints when the system gives it no more (src/runtime/malloc.go, mem_linux.go). */
const GO_OUT_OF_MEMORY = /^fatal error: .*(out of memory|cannot allocate memory)/m

function outOfMemory({ exit, log, oomKills }: ExitFacts): string | undefined {
  if (isKill(exit) && (oomKills.ofService ?? 0) > 0) {
    return 'The service was killed for memory by the kernel’s OOM killer'
  }
  if (GO_OUT_OF_MEMORY.test(log)) return 'The service ran out of memory'
  return undefined
}

/** A shell tells the signal that killed its command as a status above 128. */
const SHELL_SIGKILL = 128 + 9

const isKill = (exit: ServiceExit): boolean =>
  exit.kind === 'signal' ? exit.signal === 'SIGKILL' : exit.status === SHELL_SIGKILL

/** Who sent a SIGKILL that the record of the service's own control group does not explain. */
function killHint({ ofService, onMachine }: OomKills): string {
  if (onMachine !== undefined && onMachine > 0) {
    return 'The kernel’s OOM killer struck on this machine meanwhile, so it may have been this service: try a lower memory-guard.'
  }
  if (onMachine === 0 || ofService === 0) {
    return 'The kernel counts no OOM kill, so another process sent the signal.'
  }
  return 'A SIGKILL that nobody sent is often the kernel’s OOM killer: try a lower memory-guard.'
}
