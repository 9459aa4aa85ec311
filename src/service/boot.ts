import { programOf } from './build-info.ts'
import { exitFailure } from './exit-failure.ts'
import { expectInstrumented, type Instrumented } from './instrumented.ts'
import { isListening } from './listening.ts'
import { orExit } from './or-exit.ts'
import { resourcesOf, uptimeOf } from './process-tree.ts'
import { type Readiness, waitUntilReady } from './ready.ts'
import { RunFailure } from './run-failure.ts'
import type { Service } from './service.ts'
import { ServiceProcess, type StartOptions } from './service-process.ts'
import { startFailure } from './start-failure.ts'
import { Watch } from './watch.ts'

export interface BootPlan extends StartOptions {
  /** Where the service and its pprof will answer; nothing else may listen there. */
  readonly addresses: readonly string[]
  readonly readiness: Readiness
  /** What must be in it, where it was built for this run. */
  readonly instrumented?: Instrumented
  readonly stopTimeoutMs: number
}

/**
 * Starts the service and waits until it is ready. Gives a running service, or throws with nothing
 * left running.
 *
 * @throws RunFailure
 */
export async function boot(plan: BootPlan, cancelled: AbortSignal): Promise<Service> {
  await refuseTakenPort(plan.addresses)
  const command = await ServiceProcess.start(plan).catch((error: unknown) => {
    throw startFailure('exited', 'The service', plan, error)
  })
  const watch = await Watch.begin(command.group)
  const service = serviceOf(command, watch)
  try {
    await orExit(
      service,
      cancelled,
      () => 'before it was ready',
      async (signal) => {
        await waitUntilReady(plan.readiness, command.log, signal)
        if (plan.instrumented !== undefined) {
          await expectInstrumented(plan.instrumented, command, signal)
        }
      },
    )
    await watch.ready()
    return service
  } catch (error) {
    await service.stop(plan.stopTimeoutMs, cancelled)
    throw error
  }
}

function serviceOf(command: ServiceProcess, watch: Watch): Service {
  return {
    exited: command.exited,
    exitFailure: async (exit, when) =>
      exitFailure({
        exit,
        when,
        log: command.log.lastLines(),
        oomKills: await watch.oomKills(),
        peakBytes: watch.seen().peakBytes,
      }),
    lastLines: () => command.log.lastLines(),
    processes: {
      watch,
      resources: () => resourcesOf(command.group),
      uptimeOf,
      program: () => programOf(command.group),
    },
    stop: async (graceMs, hurry) => {
      watch.stop()
      await command.stop(graceMs, hurry)
    },
  }
}

async function refuseTakenPort(addresses: readonly string[]): Promise<void> {
  for (const address of new Set(addresses.map((url) => new URL(url).origin))) {
    if (!(await isListening(address))) continue
    throw new RunFailure('port-in-use', `Something else is listening at ${address} already.`, {
      hint: 'Stop it, or let the service listen on another port and set url and pprof-url.',
    })
  }
}
