import { messageOf } from '../errors.ts'
import { expectInstrumented, type Instrumented } from './instrumented.ts'
import { isListening, waitUntilListening } from './listening.ts'
import { waitUntilReady } from './ready.ts'
import { RunFailure } from './run-failure.ts'
import { orExit } from './or-exit.ts'
import { ServiceProcess } from './service-process.ts'

export interface BootPlan {
  readonly run: string
  /** Absolute. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** Where the service and its pprof will answer; nothing else may listen there. */
  readonly addresses: readonly string[]
  readonly readyUrl: string
  /** Wait until the service listens here instead: a pprof of ours answers before it does. */
  readonly listensAt?: string | undefined
  readonly instrumented?: Instrumented
  readonly readyTimeoutMs: number
  readonly stopTimeoutMs: number
  readonly logFile: string
}

/**
 * Starts the service and waits until it is ready. Gives a running service, or throws with nothing
 * left running.
 *
 * @throws RunFailure
 */
export async function boot(plan: BootPlan, cancelled: AbortSignal): Promise<ServiceProcess> {
  await refuseTakenPort(plan.addresses)
  const service = await ServiceProcess.start({
    command: plan.run,
    directory: plan.directory,
    environment: plan.environment,
    logFile: plan.logFile,
  }).catch((error: unknown) => {
    throw new RunFailure('exited', `The service could not be started: ${messageOf(error)}`, {
      hint: `Is there a directory ${plan.directory}?`,
      cause: error,
    })
  })
  try {
    await orExit(
      service,
      cancelled,
      () => 'before it was ready',
      async (signal) => {
        await (plan.listensAt === undefined
          ? waitUntilReady(plan.readyUrl, plan.readyTimeoutMs, signal)
          : waitUntilListening(plan.listensAt, plan.readyTimeoutMs, signal))
        if (plan.instrumented !== undefined)
          await expectInstrumented(plan.instrumented, service, signal)
      },
    )
    return service
  } catch (error) {
    await service.stop(plan.stopTimeoutMs)
    throw error
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
