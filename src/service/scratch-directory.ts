import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeapgateError, messageOf } from '../errors.ts'

/** There is no place for temporary files. */
export class ScratchError extends HeapgateError {}

/** A directory that is there for as long as it is needed. */
export interface ScratchDirectory {
  /** Absolute, without spaces and quotes. */
  readonly path: string
  readonly remove: () => void
}

/** Directories that must not outlive us, whatever ends us. */
const living = new Set<string>()
process.on('exit', () => {
  for (const path of living) removeDirectory(path)
})

/**
 * Makes a directory for temporary files, outside the repository.
 *
 * @throws ScratchError when it can't.
 */
export async function makeScratchDirectory(): Promise<ScratchDirectory> {
  const parent = plainTemporaryDirectory()
  const path = await mkdtemp(join(parent, 'heapgate-')).catch((error: unknown) => {
    throw new ScratchError(
      `The temporary directory ${parent} can't be written: ${messageOf(error)}`,
      { hint: 'Set TMPDIR to a directory that exists and has room.', cause: error },
    )
  })
  living.add(path)
  return {
    path,
    remove: () => {
      removeDirectory(path)
    },
  }
}

/** Its path stands in GOFLAGS, a list with spaces between, which Makefiles pass on without quotes. */
function plainTemporaryDirectory(): string {
  return /[\s'"$\\]/.test(tmpdir()) ? '/tmp' : tmpdir()
}

function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true })
  living.delete(path)
}
