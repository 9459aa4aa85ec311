import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const OLDEST = 'go1.19.13'

/** Whether a toolchain is on the machine already: tests fetch none. */
async function has(toolchain: string): Promise<boolean> {
  const env = { ...process.env, GOTOOLCHAIN: toolchain, GOPROXY: 'off' }
  try {
    const { stdout } = await promisify(execFile)('go', ['version'], { env })
    return stdout.includes(toolchain)
  } catch {
    return false
  }
}

/** Values of GOTOOLCHAIN: the Go that is there, and those of the oldest and newest that are too. */
export const TOOLCHAINS: readonly string[] = [
  'local',
  ...((await has(OLDEST)) ? [OLDEST] : []),
  ...((await has('go1.27.3')) ? ['go1.27.3'] : []),
]
