import * as core from '@actions/core'
import { HeapgateError, UsageError } from './errors.ts'
import { EXIT, exitStatusOf, type ExitStatus } from './exit-status.ts'
import { gate } from './gate.ts'
import { commentsApi } from './github/comments-api.ts'
import { readEvent } from './github/event.ts'
import { publish } from './github/publish.ts'
import { commentKey } from './github/sticky-comment.ts'
import { conflictsOf } from './options/conflicts.ts'
import { readOptions } from './options/read.ts'
import { ACTION_OPTIONS } from './options/table.ts'
import { outliveOutput } from './outlive-output.ts'
import { lineProgress } from './progress.ts'
import { visibleControls } from './report/markdown-text.ts'
import { secretParts } from './secrets.ts'
import { onTermination } from './signals.ts'

/** The action: the gate with its inputs, published on GitHub. */
async function main(): Promise<ExitStatus> {
  const options = readOptions(ACTION_OPTIONS, (name) => core.getInput(name), conflictsOf)
  const token = options['github-token']
  core.setSecret(token)
  const headers = (options['pprof-headers'] ?? []).map(([, value]) => value)
  for (const part of secretParts(headers)) core.setSecret(part)
  const event = await readEvent(process.env)
  const directory = process.env['GITHUB_WORKSPACE'] ?? process.cwd()
  const report = await gate(options, {
    directory,
    repository: directory,
    environment: process.env,
    secrets: [token],
    origin: event.origin,
    progress: lineProgress(core.info),
    cancelled: onTermination(),
  })
  await publish({
    ...report,
    policy: options.comment,
    commentKey: commentKey(options['comment-key']),
    comments:
      event.pullRequest === undefined ? undefined : commentsApi(event, event.pullRequest, token),
  })
  return exitStatusOf(report.result.verdict)
}

function explain(error: unknown): ExitStatus {
  if (error instanceof UsageError) {
    for (const mistake of error.mistakes) core.error(mistake, { title: 'heapgate: mistaken input' })
  }
  const hint = error instanceof HeapgateError && error.hint !== undefined ? ` ${error.hint}` : ''
  const what =
    error instanceof HeapgateError
      ? `${error.message}${hint}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  core.setFailed(visibleControls(`heapgate: ${what}`))
  return EXIT.wrongUse
}

outliveOutput(process.stdout, process.stderr)
process.exitCode = await main().catch(explain)
