import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const PROJECT = join(import.meta.dirname, '../..')
const BINARIES = join(PROJECT, 'node_modules/.cache/heapgate-fixtures')

/** The directory of a service under fixtures/services. */
export const sourceOf = (service: string): string => join(PROJECT, 'fixtures/services', service)

/** Builds a service of the fixtures with the Go that is there; gives the path of its binary. */
export async function buildService(service: string): Promise<string> {
  await mkdir(BINARIES, { recursive: true })
  const binary = join(BINARIES, service)
  await promisify(execFile)('go', ['build', '-o', binary, '.'], { cwd: sourceOf(service) })
  return binary
}
