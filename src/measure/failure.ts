import type { HeapgateError } from '../errors.ts'
import { HANG_MS, type LoadOutcome } from '../load/drive.ts'
import { ProfileError } from '../profile/profile-error.ts'
import { withoutSecrets } from '../secrets.ts'
import { RunFailure } from '../service/run-failure.ts'
import { plural } from '../units/count.ts'
import { formatDuration } from '../units/duration.ts'
import type { Failure } from '../verdict/measurement.ts'

/** Where every goroutine of a service that hangs waits: a file in the report directory. */
export const DUMP_FILE = 'goroutines.txt'

/** A service that answers nothing any more. */
export function hung(
  facts: Omit<LoadOutcome, 'end'>,
  stage: string,
  log: string,
  dump: string | undefined,
): RunFailure {
  const where =
    dump === undefined ? '' : ` Where every goroutine waits is in ${DUMP_FILE} of report-dir.`
  return new RunFailure(
    'hung',
    `The service hangs in ${stage}: after ${plural(facts.answered, 'answer')} there was none for ${formatDuration(HANG_MS)}.`,
    {
      hint: `Look for a deadlock, or a pool that runs dry, behind requests.${where}`,
      log,
    },
  )
}

/** A service whose process is another than before. */
export function restarted(stage: string, log: string): RunFailure {
  return new RunFailure(
    'restarted',
    `The service was restarted in ${stage}: the counters of its runtime begin anew.`,
    {
      hint: 'Look why it ended, and let nothing restart it while it is measured; behind url and pprof-url there must be one process.',
      log,
    },
  )
}

/** What went wrong in a run, as it is recorded: without any of the secrets. */
export function failureOf(
  error: HeapgateError,
  stage: string,
  output: string | undefined,
  secrets: readonly string[],
): Failure {
  const log = (error instanceof RunFailure ? error.log : undefined) ?? output
  return {
    code: codeOf(error),
    stage,
    message: withoutSecrets(error.message, secrets),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(log === undefined || log === '' ? {} : { log: withoutSecrets(log, secrets) }),
  }
}

function codeOf(error: HeapgateError): Failure['code'] {
  if (error instanceof RunFailure) return error.code
  return error instanceof ProfileError ? 'bad-profile' : 'no-pprof'
}
