import { createHash } from 'node:crypto'
import type { Verdict } from '../verdict/result.ts'
import type { Comment, CommentsApi } from './comments-api.ts'

/** The `comment` option. */
export type CommentPolicy = 'always' | 'on-change' | 'on-fail' | 'never'

/** A comment may hold 65,536 characters; GitHub answers 422 to more. */
export const MAX_COMMENT_LENGTH = 65_536

const MAX_KEY_LENGTH = 1000

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The hidden first line by which a later run finds the comment of `key`. */
export function marker(key: string): string {
  // A comment in HTML ends at `-->`; encoding leaves no `>`, and no dash pair either.
  const encoded = encodeURIComponent(key.replace(/\p{Cs}/gu, '\ufffd')).replaceAll('-', '%2D')
  // A matrix may be longer than what is left for the report.
  const short = encoded.length <= MAX_KEY_LENGTH ? encoded : sha256(encoded)
  return `<!-- heapgate comment-key=${short} -->`
}

/** Job and matrix as the action's default gives them: `test null` without a matrix is `test`. */
export function commentKey(given: string): string {
  return given
    .replace(/\s+(null|\{\})$/, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Whether a comment is to be written when there is none yet. */
export function opensComment(policy: CommentPolicy, verdict: Verdict): boolean {
  switch (policy) {
    case 'always':
      return true
    case 'on-change':
      return verdict !== 'pass'
    case 'on-fail':
      return verdict === 'fail' || verdict === 'invalid'
    case 'never':
      return false
  }
}

export interface StickyComment {
  readonly key: string
  /** Without the marker. */
  readonly body: string
  /** Whether to write one when there is none. */
  readonly open: boolean
}

/**
 * Updates the one comment of this key in place, or writes it. Only a comment by a bot or by the
 * token's own user counts as ours: anybody can write our marker.
 */
export async function putComment(
  api: CommentsApi,
  { key, body, open }: StickyComment,
): Promise<Comment | undefined> {
  const ours = await findOurs(api, key)
  const text = `${marker(key)}\n${body}`
  if (ours === undefined) return open ? api.create(text) : undefined
  return ours.body === text ? ours : api.update(ours.id, text)
}

async function findOurs(api: CommentsApi, key: string): Promise<Comment | undefined> {
  const marked = (await api.list()).filter(({ body }) => body.startsWith(marker(key)))
  if (marked.length === 0) return undefined
  const viewer = await api.viewer()
  return marked.find(({ author }) =>
    viewer === undefined ? author?.isBot === true : author?.login === viewer,
  )
}
