import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { INSTRUMENT_FILE } from '../verdict/instrument-file.ts'
import type { BootPlan } from './boot.ts'
import { goCommand } from './go-command.ts'
import { ADDRESS_VARIABLE, INSTRUMENT_SOURCE, RATE_VARIABLE } from './instrument-source.ts'
import { findMainPackage } from './main-package.ts'
import { RunFailure } from './run-failure.ts'
import { makeScratchDirectory, type ScratchDirectory } from './scratch-directory.ts'
import type { StartOptions } from './service-process.ts'
import { startFailure } from './start-failure.ts'

/** A service that is to be built with pprof in it. */
export interface InstrumentPlan {
  /** The package main, as given: a directory relative to `directory`, or an import path. */
  readonly mainPackage: string
  /** Where `build` and `run` are run: absolute. */
  readonly directory: string
  /** The environment of the build. */
  readonly environment: Readonly<Record<string, string>>
  /** Where the service is to serve pprof: `127.0.0.1:40001`. */
  readonly address: string
  /** Bytes per heap sample. */
  readonly memProfileRate: number
}

/** How the service is built, if it is, and how it is booted. */
export interface RunPlans {
  readonly build: StartOptions | undefined
  readonly boot: BootPlan
}

/** What makes a build and a run an instrumented one, until it is removed. */
export interface Instrumentation {
  /** The plans of a run, with what the build and the service need to know. */
  readonly into: (plans: RunPlans) => RunPlans
  /** Takes the overlay away. Binaries that are built stay as they are. */
  readonly remove: () => void
}

/**
 * Lays one more file over a package main, for all that the go command builds with the environment
 * given back: `go build -overlay`, by GOFLAGS, which reaches the user's own command and Makefile.
 * Nothing is written but a temporary directory; the package itself is not touched.
 *
 * @throws RunFailure `instrument-failed` when there is no such package main, or no go command.
 */
export async function instrument(
  plan: InstrumentPlan,
  cancelled: AbortSignal,
): Promise<Instrumentation> {
  const flags = await goFlags(plan, cancelled)
  const { mainPackage: name, directory, environment } = plan
  const wanted = { name, directory, environment }
  const { importPath, directories } = await findMainPackage(wanted, cancelled)
  const overlay = await writeOverlay(directories).catch((error: unknown) => {
    throw startFailure('instrument-failed', 'The build with `instrument`', plan, error)
  })
  const forGo = { GOFLAGS: [...flags, `-overlay=${join(overlay.path, 'overlay.json')}`].join(' ') }
  const forService = {
    ...forGo,
    [ADDRESS_VARIABLE]: plan.address,
    [RATE_VARIABLE]: plan.memProfileRate.toString(),
  }
  return {
    into: ({ build, boot }) => ({
      build: build && { ...build, environment: { ...build.environment, ...forGo } },
      boot: {
        ...boot,
        environment: { ...boot.environment, ...forService },
        instrumented: { pprofUrl: `http://${plan.address}/debug/pprof`, importPath },
      },
    }),
    remove: overlay.remove,
  }
}

const GO_ENV_TIMEOUT_MS = 60_000

/** The GOFLAGS of the user, from the environment or `go env -w`: the variable hides the latter. */
async function goFlags(plan: InstrumentPlan, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await goCommand(['env', 'GOFLAGS'], {
    ...plan,
    timeoutMs: GO_ENV_TIMEOUT_MS,
    signal,
  })
  const flags = answer.stdout.trim()
  if (!answer.ok) {
    throw new RunFailure('instrument-failed', 'The go command can’t tell its GOFLAGS.', {
      hint: 'Try `go env GOFLAGS` in working-directory by hand.',
      log: answer.stderr.trim(),
    })
  }
  if (/(^|[\s'"])--?overlay\b/.test(flags)) {
    throw new RunFailure('instrument-failed', `GOFLAGS sets -overlay already: ${flags}`, {
      hint: 'The go command takes one overlay only: drop that one, or drop `instrument` and import net/http/pprof in the service.',
    })
  }
  return flags === '' ? [] : [flags]
}

/** Writes the overlay into a directory of its own. Format: `go help build`, -overlay. */
async function writeOverlay(directories: readonly string[]): Promise<ScratchDirectory> {
  const overlay = await makeScratchDirectory()
  const source = join(overlay.path, INSTRUMENT_FILE)
  const replaced = directories.map((directory): [file: string, by: string] => [
    join(directory, INSTRUMENT_FILE),
    source,
  ])
  await writeFile(source, INSTRUMENT_SOURCE)
  await writeFile(
    join(overlay.path, 'overlay.json'),
    JSON.stringify({ Replace: Object.fromEntries(replaced) }),
  )
  return overlay
}

/** An address of this machine alone that nothing listens at. */
export function freeLoopbackAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      server.close(() => {
        if (port === undefined) reject(new Error('the system gave no port'))
        else resolve(`127.0.0.1:${port.toString()}`)
      })
    })
  })
}
