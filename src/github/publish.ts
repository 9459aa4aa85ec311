import * as core from '@actions/core'
import { randomUUID } from 'node:crypto'
import { messageOf } from '../errors.ts'
import { annotationsOf } from '../report/annotations.ts'
import { renderMarkdown } from '../report/markdown.ts'
import { visibleControls } from '../report/markdown-text.ts'
import { renderTerminal } from '../report/terminal.ts'
import type { Result } from '../verdict/result.ts'
import { type CommentsApi, statusOf } from './comments-api.ts'
import {
  type CommentPolicy,
  marker,
  MAX_COMMENT_LENGTH,
  opensComment,
  putComment,
} from './sticky-comment.ts'

/** A step may write 1 MiB of summary; GitHub drops a larger one whole. */
const MAX_SUMMARY_LENGTH = 250_000

export interface Publication {
  readonly result: Result
  readonly reportDirectory: string
  readonly resultFile: string
  readonly policy: CommentPolicy
  readonly commentKey: string
  /** Absent when the event is about no pull request. */
  readonly comments: CommentsApi | undefined
}

/**
 * Publishes a result. What can't be refused comes first – log, summary, annotations, outputs – then
 * the comment, and `setFailed` last, so that nothing is lost on the way.
 */
export async function publish(publication: Publication): Promise<void> {
  const { result } = publication
  printInert(renderTerminal(result))
  await summarize(result)
  annotate(result)
  const body = renderMarkdown(
    result,
    MAX_COMMENT_LENGTH - marker(publication.commentKey).length - 1,
  )
  setOutputs(publication, body)
  core.setOutput('comment-url', (await comment(publication, body)) ?? '')
  if (result.verdict === 'fail' || result.verdict === 'invalid') {
    core.setFailed(visibleControls(`heapgate: ${result.verdict}: ${result.reason}`))
  }
}

/** Prints text from the pull request's code so that the runner finds no command in it. */
function printInert(text: string): void {
  const token = randomUUID()
  process.stdout.write(`::stop-commands::${token}\n${text}::${token}::\n`)
}

/** Some runners that are not GitHub's have no job summary. */
async function summarize(result: Result): Promise<void> {
  try {
    await core.summary.addRaw(renderMarkdown(result, MAX_SUMMARY_LENGTH), true).write()
  } catch (error) {
    core.warning(messageOf(error), { title: 'heapgate: no job summary' })
  }
}

function annotate(result: Result): void {
  for (const { level, message, title, file, line } of annotationsOf(result)) {
    const properties = {
      title,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { startLine: line }),
    }
    if (level === 'error') core.error(message, properties)
    else core.warning(message, properties)
  }
}

function setOutputs({ result, reportDirectory, resultFile }: Publication, body: string): void {
  core.setOutput('verdict', result.verdict)
  core.setOutput('retained-bytes', result.retained?.bytes ?? '')
  core.setOutput('retained-bytes-per-request', result.retained?.bytesPerRequest ?? '')
  core.setOutput('goroutine-growth', result.retained?.goroutines ?? '')
  core.setOutput('report-dir', reportDirectory)
  core.setOutput('result-json', resultFile)
  core.setOutput('comment-body', body)
}

/** The address of the comment; a refused one is a warning and changes nothing else. */
async function comment(publication: Publication, body: string): Promise<string | undefined> {
  const { comments, policy, result, commentKey } = publication
  if (comments === undefined || policy === 'never' || isCancelled(result)) return undefined
  try {
    const open = opensComment(policy, result.verdict)
    return (await putComment(comments, { key: commentKey, body, open }))?.url
  } catch (error) {
    core.warning(refusal(error), { title: 'heapgate: no comment' })
    return undefined
  }
}

/** A run that was cancelled, as by a newer push, has found out nothing. */
function isCancelled({ measurement }: Result): boolean {
  return measurement.kind === 'broken' && measurement.failure.code === 'cancelled'
}

function refusal(error: unknown): string {
  const status = statusOf(error)
  const what = `The comment on the pull request was not written: ${messageOf(error)}.`
  if (status !== 403 && status !== 404) return `${what} The report is in the job summary.`
  return [
    what,
    'The token may not write it. Give the job this permission:',
    '',
    '    permissions:',
    '      contents: read',
    '      pull-requests: write',
    '',
    'A pull request from a fork has a read-only token whatever the workflow says. The report is in the job summary.',
  ].join('\n')
}
