import { HeapgateError } from '../errors.ts'

/** Why a run of the service can't be measured. */
export type RunFailureCode =
  | 'build-failed'
  | 'port-in-use'
  | 'exited'
  | 'out-of-memory'
  | 'restarted'
  | 'hung'
  | 'not-ready'
  | 'no-pprof'
  | 'bad-profile'
  | 'cancelled'

/** The run ended before there was anything to judge: the verdict is `invalid`. */
export class RunFailure extends HeapgateError {
  readonly code: RunFailureCode
  /** The end of what the service or the build printed. */
  readonly log: string | undefined

  constructor(
    code: RunFailureCode,
    message: string,
    options: { hint?: string; cause?: unknown; log?: string } = {},
  ) {
    super(message, options)
    this.code = code
    this.log = options.log
  }
}
