import type { ExitStatus } from '../exit-status.ts'

/** What a command of the terminal may write to. Text is written as it is: escape it before. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether a person watches standard error, so that a line may be redrawn. */
  readonly interactive: boolean
}

/** One command: `heapgate NAME …`. */
export interface Command {
  /** The text of `heapgate NAME --help`. */
  readonly help: () => string
  /** Does the job. Throws `HeapgateError`; the caller prints it and picks the status. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<ExitStatus>
}
