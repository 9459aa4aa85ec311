import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { HeapgateError, messageOf } from '../errors.ts'
import type { Origin } from '../verdict/result.ts'

/** What the runner tells of the workflow that runs us. */
export interface WorkflowEvent {
  readonly origin: Origin
  readonly owner: string
  readonly repository: string
  /** The pull request to comment on, if the event is about one. */
  readonly pullRequest: number | undefined
  readonly apiUrl: string
}

/** The part of the event file that is read; see GitHub's webhook payloads. */
const payloadSchema = z.object({
  pull_request: z
    .object({ number: z.int().positive(), head: z.object({ sha: z.string() }) })
    .optional(),
})

/**
 * Reads the GITHUB_* variables and the event file.
 *
 * @throws HeapgateError when there is no GITHUB_REPOSITORY or the event file can't be read.
 */
export async function readEvent(environment: NodeJS.ProcessEnv): Promise<WorkflowEvent> {
  const slug = /^([^/\s]+)\/([^/\s]+)$/.exec(environment['GITHUB_REPOSITORY'] ?? '')
  const [name, owner, repository] = slug ?? []
  if (name === undefined || owner === undefined || repository === undefined) {
    throw new HeapgateError('GITHUB_REPOSITORY is not set to owner/name.', {
      hint: 'This entry is for GitHub Actions; in a terminal, use `heapgate run`.',
    })
  }
  const payload = await readPayload(environment['GITHUB_EVENT_PATH'])
  const server = environment['GITHUB_SERVER_URL'] ?? 'https://github.com'
  const runId = environment['GITHUB_RUN_ID']
  return {
    owner,
    repository,
    pullRequest: payload.pull_request?.number,
    apiUrl: environment['GITHUB_API_URL'] ?? 'https://api.github.com',
    origin: {
      server,
      repository: name,
      // On a pull request GITHUB_SHA is a merge commit that nobody can open later.
      commit: payload.pull_request?.head.sha ?? environment['GITHUB_SHA'] ?? '',
      ...(runId === undefined ? {} : { run: `${server}/${name}/actions/runs/${runId}` }),
    },
  }
}

async function readPayload(path: string | undefined): Promise<z.infer<typeof payloadSchema>> {
  if (path === undefined || path === '') return {}
  try {
    return payloadSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw new HeapgateError(`The event file ${path} can't be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
