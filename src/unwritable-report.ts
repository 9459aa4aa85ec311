import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HeapgateError, messageOf } from './errors.ts'

/** The report has no place to be: it ends the run, which is judged by nothing then. */
export class UnwritableReport extends HeapgateError {}

/**
 * The outcome of work that writes into the report directory.
 *
 * @throws UnwritableReport when the work fails, as on a disk that is full.
 */
export async function orUnwritable<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new UnwritableReport(
      `The report directory ${directory} can't be written: ${messageOf(error)}`,
      {
        hint: 'Set report-dir to a directory that has room, and let the build and the service leave it.',
        cause: error,
      },
    )
  }
}

/**
 * Writes a file of the report.
 *
 * @throws UnwritableReport when it can't.
 */
export async function writeReportFile(
  directory: string,
  name: string,
  data: string | Uint8Array,
  encoding: BufferEncoding = 'utf8',
): Promise<void> {
  await orUnwritable(directory, writeFile(join(directory, name), data, encoding))
}
