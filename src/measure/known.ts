import type {
  CoolDown,
  LoadFacts,
  Noise,
  Platform,
  Round,
  Snapshot,
  Watched,
} from '../verdict/measurement.ts'

/** What is known so far: a run that breaks tells it too. */
export interface Known {
  readonly platform: Platform
  readonly watched?: Watched
  readonly warmup?: LoadFacts
  readonly baseline?: Snapshot
  readonly noise?: Noise
  readonly rounds: readonly Round[]
  readonly coolDown?: CoolDown | undefined
  readonly secondCoolDown?: CoolDown | undefined
}

/** Adds to what is known. */
export type Learn = (facts: Partial<Known>) => void
