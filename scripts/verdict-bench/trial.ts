import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { culprit } from '../../src/verdict/culprit.ts'
import type { Result } from '../../src/verdict/result.ts'
import type { Entry } from './manifest.ts'
import type { WindowTruth } from './window-truth.ts'

/** One verdict on one service, held against the truth. */
export interface Trial {
  readonly name: string
  readonly truth: 'leak' | 'clean'
  readonly verdict: Result['verdict']
  readonly reason: string
  readonly right: boolean
  /** Whether other memory hides the leak, and the profile is too coarse to see beneath it. */
  readonly blind: boolean
  /** Whether the line was named; `undefined` for clean services. */
  readonly lineRight: boolean | undefined
  /** Whether the profile was sampled as asked: without that, small leaks can't be placed. */
  readonly sampled: boolean
  /** What a request truly kept in the gate's window; `undefined` where nothing was measured. */
  readonly kept: WindowTruth | undefined
  /** What the gate said that a request kept. */
  readonly measured: WindowTruth | undefined
  /** Objects gained over the whole run. */
  readonly objects: number | undefined
  /** From ready to the end of the command, without the wait for a drain. */
  readonly seconds: number
  readonly requestsPerSecond: number
  readonly rounds: number
  readonly waited: boolean
}

/** Stages that don't count as time to the verdict: until the service is ready, and the cool-down. */
const UNCOUNTED: readonly string[] = ['boot', 'cool-down']

export interface Run {
  readonly entry: Entry
  readonly result: Result
  /** The truth over the same requests; `undefined` for clean services and broken runs. */
  readonly kept: WindowTruth | undefined
  /** From the beginning of the stage `boot` to the end of the command, by the clock on the wall. */
  readonly fromBootMs: number
  /** The directory of the corpus. */
  readonly corpus: string
}

/** Holds the result of a run of the gate against what is true about the service. */
export function readTrial({ entry, result, kept, fromBootMs, corpus }: Run): Trial {
  const { timings, rounds, setup, baseline } = result.measurement
  const uncounted = timings
    .filter(({ stage }) => UNCOUNTED.includes(stage))
    .reduce((sum, { durationMs }) => sum + durationMs, 0)
  const load = rounds.reduce((sum, round) => sum + round.load.durationMs, 0)
  const answered = rounds.reduce((sum, round) => sum + round.load.answered, 0)
  const isSampled = baseline?.period === setup.memProfileRate
  return {
    name: entry.name,
    truth: entry.truth,
    verdict: result.verdict,
    reason: result.reason,
    right: [entry.expected].flat().includes(result.verdict),
    blind: entry.beside && !isSampled,
    lineRight: entry.truth === 'leak' ? namesLine(entry, result, corpus) : undefined,
    sampled: isSampled,
    kept,
    measured: result.retained ?? undefined,
    objects: result.retained?.objects,
    seconds: (fromBootMs - uncounted) / 1000,
    requestsPerSecond: load === 0 ? 0 : answered / (load / 1000),
    rounds: rounds.length,
    waited: timings.some(({ stage }) => stage === 'cool-down'),
  }
}

function namesLine({ line }: Entry, result: Result, corpus: string): boolean {
  const top = culprit(result.growth)
  if (!line || top === undefined) return false
  const source = readFileSync(join(corpus, line.file), 'utf8').split('\n')
  return (
    (top.path?.endsWith(line.file) ?? false) && source[top.line - 1]?.trim() === line.text.trim()
  )
}

/** How far the gate's figure is from the truth, as a share of it; `undefined` without a truth. */
export function errorOf(trial: Trial, figure: keyof WindowTruth): number | undefined {
  const { kept, measured } = trial
  if (kept === undefined || measured === undefined || kept[figure] === 0) return undefined
  return measured[figure] / kept[figure] - 1
}
