import * as core from '@actions/core'
import { HeapgateError, UsageError } from './errors.ts'
import { EXIT, exitStatusOf, type ExitStatus } from './exit-status.ts'
import { gate } from './gate.ts'
import { commentsApi } from './github/comments-api.ts'
import { readEvent } from './github/event.ts'
import { publish } from './github/publish.ts'
import { commentKey } from './github/sticky-comment.ts'
import { gateConflicts } from './options/conflicts.ts'
import { readOptions } from './options/read.ts'
import { ACTION_OPTIONS } from './options/table.ts'
import { lineProgress } from './progress.ts'
import { onTermination } from './signals.ts'

/** The action: the gate with its inputs, published on GitHub. */
async function main(): Promise<ExitStatus> {
  const options = readOptions(ACTION_OPTIONS, (name) => core.getInput(name), gateConflicts)
  const token = options['github-token']
  core.setSecret(token)
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
  core.setFailed(
    error instanceof HeapgateError
      ? `heapgate: ${error.message}${hint}`
      : `heapgate: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
  return EXIT.wrongUse
}

process.exitCode = await main().catch(explain)
