import { type BuildInfo, buildInfoOf } from './build-info.ts'
import { waitUntilReady } from './ready.ts'
import { RunFailure } from './run-failure.ts'
import type { ServiceProcess } from './service-process.ts'

/** What a service that was built with `instrument` serves. */
export interface Instrumented {
  /** Such as `http://127.0.0.1:40001/debug/pprof`. */
  readonly pprofUrl: string
  readonly importPath: string
}

/** The file is initialised before the service listens, so it answers as soon as that does. */
const GRACE_MS = 3000

/**
 * Makes sure that the service, which is up, is the one that was built with pprof in it.
 *
 * @throws RunFailure `instrument-failed` that says what runs instead.
 */
export async function expectInstrumented(
  { pprofUrl, importPath }: Instrumented,
  service: ServiceProcess,
  signal: AbortSignal,
): Promise<void> {
  try {
    const readiness = { headers: {}, pattern: undefined, listensAt: [] }
    const pprof = { ...readiness, url: `${pprofUrl}/`, timeoutMs: GRACE_MS }
    await waitUntilReady(pprof, undefined, signal)
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error
    const { why, hint } = whyNot(await buildInfoOf(service.group), importPath)
    throw new RunFailure(
      'instrument-failed',
      `The service is up, but without the pprof of \`instrument\`: ${why}.`,
      { hint, cause: error, log: service.log.lastLines() },
    )
  }
}

interface Explanation {
  /** Completes the sentence `The service is up, but without pprof: …`. */
  readonly why: string
  readonly hint: string
}

/** What is wrong with the program that runs, by what it says of itself. */
export function whyNot(running: BuildInfo | undefined, importPath: string): Explanation {
  if (running === undefined) {
    return {
      why: 'no process that `run` started is a Go program',
      hint: 'A service in a container or started by a daemon can’t be instrumented: let `run` start the binary that `build` made, on this machine.',
    }
  }
  const { mainPackage = 'a program without a package' } = running
  if (mainPackage === 'command-line-arguments') {
    return {
      why: 'it was built from files named one by one, and so without the file laid over them',
      hint: 'Name the package instead of its files, as in `go build ./cmd/server` or `go run .`.',
    }
  }
  if (mainPackage !== importPath) {
    return {
      why: `what runs is ${mainPackage}, and \`instrument\` names ${importPath}`,
      hint: 'Let `instrument` name the package main that `run` starts.',
    }
  }
  return {
    why: `the ${importPath} that runs was built without it, or does not get its environment`,
    hint: 'GOFLAGS carries it into the build: does a Makefile or script set GOFLAGS or -overlay itself (append to it), build in a container, enter the package through a symbolic link (let `instrument` name it by that link), or leave an old binary as it is (build it anew)? Does `run` clear the environment (sudo, env -i)?',
  }
}
