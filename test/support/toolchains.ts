import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The environment in which `go` is another one, if that is on the machine: tests fetch none. */
const environmentOf = (toolchain: string): NodeJS.ProcessEnv => ({
  ...process.env,
  GOTOOLCHAIN: toolchain,
  GOPROXY: 'off',
})

async function isThere(toolchain: string): Promise<boolean> {
  try {
    const options = { env: environmentOf(toolchain) }
    return (await promisify(execFile)('go', ['version'], options)).stdout.includes(toolchain)
  } catch {
    return false
  }
}

const there: string[] = []
for (const toolchain of ['go1.19.13', 'go1.27.3']) {
  if (await isThere(toolchain)) there.push(toolchain)
}

/** Values of GOTOOLCHAIN: the oldest and the newest Go, as far as they are there, or what is. */
export const TOOLCHAINS: readonly string[] = there.length === 0 ? ['local'] : there
