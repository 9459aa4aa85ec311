import { getOctokit } from '@actions/github'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkflowEvent } from './event.ts'

/** A comment on a pull request. */
export interface Comment {
  readonly id: number
  readonly body: string
  readonly author: { readonly login: string; readonly isBot: boolean } | undefined
  readonly url: string
}

/** The comments of one pull request. Every method rejects with an error that has a `status`. */
export interface CommentsApi {
  /** All comments, over all pages. */
  readonly list: () => Promise<readonly Comment[]>
  readonly create: (body: string) => Promise<Comment>
  readonly update: (id: number, body: string) => Promise<Comment>
  /** The login that the token belongs to; `undefined` for a workflow's own token. */
  readonly viewer: () => Promise<string | undefined>
}

const TRIES = 3
const FIRST_PAUSE_MS = 500

/** The comments of a pull request at GitHub's REST API. */
export function commentsApi(event: WorkflowEvent, pullRequest: number, token: string): CommentsApi {
  const { rest, paginate } = getOctokit(token, { baseUrl: event.apiUrl })
  const repository = { owner: event.owner, repo: event.repository }
  return {
    list: () =>
      retried(async () => {
        const pages = { ...repository, issue_number: pullRequest, per_page: 100 }
        const comments = await paginate(rest.issues.listComments, pages)
        return comments.map(asComment)
      }),
    create: (body) =>
      retried(async () => {
        const { data } = await rest.issues.createComment({
          ...repository,
          issue_number: pullRequest,
          body,
        })
        return asComment(data)
      }),
    update: (id, body) =>
      retried(async () => {
        const { data } = await rest.issues.updateComment({ ...repository, comment_id: id, body })
        return asComment(data)
      }),
    viewer: async () => {
      try {
        return await retried(async () => (await rest.users.getAuthenticated()).data.login)
      } catch (error) {
        // A workflow's own token may not ask; its comments are written by a bot.
        if ([401, 403, 404].includes(statusOf(error) ?? 0)) return undefined
        throw error
      }
    },
  }
}

interface RawComment {
  readonly id: number
  readonly body?: string | undefined
  readonly html_url: string
  readonly user: { readonly login: string; readonly type: string } | null
}

function asComment({ id, body, html_url, user }: RawComment): Comment {
  const author = user === null ? undefined : { login: user.login, isBot: user.type === 'Bot' }
  return { id, body: body ?? '', author, url: html_url }
}

/** The HTTP status of a refused request, if that is what `error` is. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined
}

/** Tries again what GitHub itself may do better the next time: 5xx and 429, never a refusal. */
async function retried<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      const status = statusOf(error) ?? 500
      if (attempt === TRIES || (status < 500 && status !== 429)) throw error
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1))
    }
  }
}
