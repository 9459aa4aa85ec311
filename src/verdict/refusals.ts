import { formatBytes } from '../units/bytes.ts'
import { formatCount, plural } from '../units/count.ts'
import type { Budgets, FollowedBudget } from './budgets.ts'
import { budgetFigure, percent } from './figure.ts'
import type { CompleteMeasurement, LoadFacts, Noise } from './measurement.ts'
import type { BudgetReading } from './result.ts'

/** Why a run that went through can't be judged all the same. */
export interface Refusal {
  readonly reason: string
  readonly hint: string
}

export interface RefusalFacts {
  readonly measurement: CompleteMeasurement
  /** Of all measured rounds. */
  readonly load: LoadFacts
  readonly followed: readonly FollowedBudget[]
  readonly readings: readonly BudgetReading[]
  readonly budgets: Budgets
}

/** The first reason not to judge, if there is one: the decisions, one after the other. */
export function whyRefused(facts: RefusalFacts): Refusal | undefined {
  for (const decide of [
    killedForMemory,
    nothingAnswered,
    tooManyErrors,
    guardWithoutGrowth,
    belowNoise,
    noLeakProof,
    noResidentMemory,
  ]) {
    const refusal = decide(facts)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

/** A process of the service was killed, though its command lives on, as a supervisor does. */
function killedForMemory({ measurement }: RefusalFacts): Refusal | undefined {
  const { oomKills: kills = 0, endedProcesses = 0 } = measurement.watched ?? {}
  if (kills === 0 || endedProcesses === 0) return undefined
  return {
    reason: `The kernel’s OOM killer killed ${plural(kills, 'process')} in the service’s control group during the run.`,
    hint: 'Lower memory-guard to get a verdict before that, or give the job more memory.',
  }
}

function nothingAnswered({ load }: RefusalFacts): Refusal | undefined {
  if (load.answered > 0) return undefined
  return {
    reason: `None of ${plural(load.unanswered, 'request')} was answered, so nothing was measured.`,
    hint: 'Look at url and requests, and at the service’s log.',
  }
}

function tooManyErrors({ load, measurement }: RefusalFacts): Refusal | undefined {
  const sent = load.answered + load.unanswered
  const rate = load.failed / sent
  const { maxErrorRate } = measurement.setup
  if (rate <= maxErrorRate) return undefined
  return {
    reason: `${formatCount(load.failed)} of ${plural(sent, 'request')} failed (${percent(rate)}): more than max-error-rate allows (${percent(maxErrorRate)}).`,
    hint: `Answers by status: ${statuses(load)}. Look at requests, and at the service’s log.`,
  }
}

function statuses(load: LoadFacts): string {
  const counts = Object.entries(load.statuses).map(
    ([status, count]) => `${formatCount(count)} × ${status}`,
  )
  const unanswered = load.unanswered === 0 ? [] : [`${formatCount(load.unanswered)} without answer`]
  return [...counts, ...unanswered].join(', ')
}

/** A load that was cut short shows too little for a pass. */
function guardWithoutGrowth({ measurement, load, readings }: RefusalFacts): Refusal | undefined {
  const cut = measurement.rounds.find((round) => round.load.cut === 'memory-guard')
  if (cut === undefined || readings.some(({ state }) => state === 'over')) return undefined
  const at = cut.load.cutAt ?? measurement.setup.memoryGuard
  return {
    reason: `memory-guard stopped the load at ${formatBytes(at)} resident after ${plural(load.answered, 'request')}, before a budget was reached.`,
    hint: 'Raise memory-guard, or give the job more memory, if the service needs that much to work.',
  }
}

const NOISE_OF: Readonly<Record<FollowedBudget['name'], keyof Noise>> = {
  'max-retained': 'heapAlloc',
  'max-retained-per-request': 'heapAlloc',
  'max-retained-objects-per-request': 'heapObjects',
  'max-goroutine-growth': 'goroutines',
  'max-rss-growth': 'residentBytes',
}

/** The first budget that is smaller than what two looks without load differ by. */
export function hiddenByNoise(
  followed: readonly FollowedBudget[],
  noise: Noise,
): FollowedBudget | undefined {
  return followed.find(({ name, limits }) => limits.limit < noise[NOISE_OF[name]])
}

function belowNoise({ followed, measurement }: RefusalFacts): Refusal | undefined {
  const { noise } = measurement
  const hidden = hiddenByNoise(followed, noise)
  if (hidden === undefined) return undefined
  const { name, unit, limits } = hidden
  const figure = (value: number): string => budgetFigure({ unit, perRequest: false }, value)
  return {
    reason: `${name} comes to ${figure(limits.limit)} over the load, but two looks without any load between them differ by ${figure(noise[NOISE_OF[name]])} already.`,
    hint: `Set ${name} above that, or find out what the service does without load.`,
  }
}

function noLeakProof({ budgets, measurement }: RefusalFacts): Refusal | undefined {
  if (budgets.maxLeakedGoroutines === undefined) return undefined
  if (measurement.goroutines.leaked !== undefined) return undefined
  const version = measurement.platform.goVersion
  return {
    reason: `max-leaked-goroutines needs the goroutineleak profile of Go 1.27 and newer; the service${version === undefined ? '' : `, built with ${version},`} has none.`,
    hint: 'Build with Go 1.27, or use max-goroutine-growth.',
  }
}

function noResidentMemory({ budgets, measurement }: RefusalFacts): Refusal | undefined {
  if (budgets.maxRssGrowth === undefined || measurement.baseline.residentBytes !== undefined) {
    return undefined
  }
  return {
    reason:
      'max-rss-growth needs the processes of the service, which are not known where heapgate did not start it.',
    hint: 'Start the service by run, or leave max-rss-growth out.',
  }
}
