import type { LoadRequest } from '../load/drive.ts'
import type { BootPlan } from '../service/boot.ts'
import type { InstrumentPlan } from '../service/instrument.ts'
import type { Readiness } from '../service/ready.ts'
import type { StartOptions } from '../service/service-process.ts'
import type { Budgets } from '../verdict/budgets.ts'
import type { Setup } from '../verdict/measurement.ts'

/** Everything that a measurement needs, decided before it begins. */
export interface MeasurePlan {
  readonly setup: Setup
  /** What the run is to be judged by: it decides how many rounds it takes to know. */
  readonly budgets: Budgets
  readonly service: ServicePlan
  readonly stopTimeoutMs: number
  /** What pprof is asked with; the values may be secret. */
  readonly pprofHeaders: Readonly<Record<string, string>>
  /** What no log and no report may tell. */
  readonly secrets: readonly string[]
  readonly requests: readonly LoadRequest[]
  /** Where profiles and logs go: an absolute path. */
  readonly reportDirectory: string
  /** The root of the repository: absolute. */
  readonly repository: string
}

/** The service is ours to start and to stop, or runs already. */
export type ServicePlan =
  | {
      readonly kind: 'start'
      readonly instrument: InstrumentPlan | undefined
      readonly build: StartOptions | undefined
      readonly boot: BootPlan
    }
  | { readonly kind: 'attach'; readonly readiness: Readiness }
