import { setTimeout as sleep } from 'node:timers/promises'
import { firstAbort } from '../first-abort.ts'
import { drive, type LoadOutcome } from '../load/drive.ts'
import type { Profile } from '../profile/profile.ts'
import type { Progress } from '../progress.ts'
import { profilesIn } from '../report-directory.ts'
import type { Program } from '../service/build-info.ts'
import { orExit } from '../service/or-exit.ts'
import type { Service } from '../service/service.ts'
import { type Creator, parseCreators } from '../snapshot/goroutine-creators.ts'
import {
  goroutineCount,
  type HeapSnapshot,
  type SystemFacts,
  takeSnapshot,
} from '../snapshot/heap-snapshot.ts'
import {
  askPprof,
  PPROF_LIMITS,
  type PprofEndpoint,
  type PprofLimits,
} from '../snapshot/pprof-endpoint.ts'
import { settle } from '../snapshot/settle.ts'
import type { Stages } from '../stages.ts'
import { writeReportFile } from '../unwritable-report.ts'
import type { LoadFacts, Noise, Setup, Snapshot } from '../verdict/measurement.ts'
import { DUMP_FILE, hung, restarted } from './failure.ts'
import type { MeasurePlan } from './plan.ts'

/** The service under test, as the series of snapshots needs it. */
export interface Subject {
  readonly look: (name: string) => Promise<HeapSnapshot>
  /** Looks again without any load in between, and gives how much differs. */
  readonly noise: (baseline: Snapshot) => Promise<Noise>
  readonly load: (amount: number) => Promise<LoadFacts>
  readonly leakedGoroutines: () => Promise<Profile | undefined>
  readonly creators: () => Promise<ReadonlyMap<string, Creator>>
  readonly wait: (ms: number) => Promise<void>
}

/** The service that runs, with what a plan asks of it. */
export function subjectOf(
  plan: MeasurePlan,
  service: Service,
  program: Program | undefined,
  run: { readonly stages: Stages; readonly progress: Progress; readonly cancelled: AbortSignal },
): Subject {
  const { setup } = plan
  const { stages, progress, cancelled } = run
  const orExited = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    orExit(service, cancelled, () => `in ${stages.current}`, work)
  const asking = <T>(
    ask: (endpoint: PprofEndpoint) => Promise<T>,
    limits: PprofLimits = PPROF_LIMITS,
  ): Promise<T> =>
    orExited((signal) =>
      askPprof({ url: setup.pprofUrl, headers: plan.pprofHeaders }, signal, ask, limits),
    )
  const systemFacts = async (): Promise<SystemFacts> => {
    const { processes } = service
    const uptimeMs = program === undefined ? undefined : await processes?.uptimeOf(program.pid)
    return { ...(await processes?.resources()), ...(uptimeMs === undefined ? {} : { uptimeMs }) }
  }
  let allocated = 0
  return {
    look: async (name) => {
      const snapshot = await asking((endpoint) =>
        takeSnapshot(name, {
          endpoint,
          systemFacts,
          directory: profilesIn(plan.reportDirectory),
          timed: (kind, work) => stages.time(kind, work),
        }),
      )
      const { totalAlloc } = snapshot.facts
      if (totalAlloc < allocated) throw restarted(stages.current, service.lastLines())
      allocated = totalAlloc
      return snapshot
    },
    noise: (baseline) =>
      asking(async (endpoint) => {
        const { stats } = await stages.time('settling', () => settle(endpoint))
        const goroutines = await stages.time('snapshots', () => goroutineCount(endpoint))
        const { residentBytes = 0 } = await systemFacts()
        return {
          heapAlloc: Math.abs(stats.heapAlloc - baseline.heapAlloc),
          heapObjects: Math.abs(stats.heapObjects - baseline.heapObjects),
          goroutines: Math.abs(goroutines - baseline.goroutines),
          residentBytes: Math.abs(residentBytes - (baseline.residentBytes ?? 0)),
        }
      }),
    leakedGoroutines: () =>
      asking(async ({ leakedGoroutineProfile }) =>
        (await stages.time('snapshots', leakedGoroutineProfile))?.decode(),
      ),
    creators: () =>
      asking(async ({ goroutineDump }) =>
        parseCreators(await stages.time('snapshots', goroutineDump)),
      ),
    wait: (ms) =>
      orExited((signal) => stages.time('cool-down', () => sleep(ms, undefined, { signal }))),
    load: async (amount) => {
      const guard = await service.processes?.watch.limit(setup.memoryGuard)
      const onProgress = (answered: number): void => {
        progress.requests(answered, amount)
      }
      try {
        const { end, ...facts } = await stages.time('load', () =>
          orExited((signal) => {
            const { url, connections } = setup
            const stop = firstAbort(signal, ...(guard === undefined ? [] : [guard.signal]))
            const load = { url, requests: plan.requests, amount, connections, onProgress }
            const maxUnanswered = mostUnanswered(setup)
            return drive({ ...load, maxUnanswered, signal: stop.signal })
              .then(momentForExit)
              .finally(stop.release)
          }),
        )
        cancelled.throwIfAborted()
        if (end === 'no-answers') {
          const dump = await asking(({ goroutineDump }) => goroutineDump(), HURRIED_PPROF).catch(
            () => undefined,
          )
          if (dump !== undefined) await writeReportFile(plan.reportDirectory, DUMP_FILE, dump)
          throw hung(facts, stages.current, service.lastLines(), dump)
        }
        return guard?.signal.aborted === true
          ? { ...facts, cut: 'memory-guard', cutAt: guard.bytes }
          : facts
      } finally {
        guard?.release()
      }
    },
  }
}

const EXIT_MOMENT_MS = 200

/** A service that dies leaves requests unanswered before its exit is noticed. */
async function momentForExit(outcome: LoadOutcome): Promise<LoadOutcome> {
  if (outcome.unanswered > 0) await sleep(EXIT_MOMENT_MS)
  return outcome
}

/** With more requests unanswered than this, no further round can make the run valid. */
export const mostUnanswered = ({ maxErrorRate, maxRounds, roundRequests }: Setup): number =>
  Math.ceil(maxErrorRate * maxRounds * roundRequests)

/** A service that hangs may not answer this either. */
const HURRIED_PPROF: PprofLimits = { ...PPROF_LIMITS, timeoutMs: 5000 }
