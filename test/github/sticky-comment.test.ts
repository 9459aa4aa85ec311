import { describe, expect, test } from '@jest/globals'
import type { Comment, CommentsApi } from '../../src/github/comments-api.ts'
import {
  commentKey,
  type CommentPolicy,
  marker,
  opensComment,
  putComment,
} from '../../src/github/sticky-comment.ts'
import { HOSTILE } from '../support/hostile-texts.ts'

const KEYS = [...HOSTILE, 'a--b', '-->', '--!>', '-', '<!--', 'heap {"go":"1.25"}', '😀', '']

describe('the marker of a comment', () => {
  test.each(KEYS)('is one hidden line whatever the key is: %j', (key) => {
    const line = marker(key)
    expect(line).toMatch(/^<!-- heapgate comment-key=[\w.%!'()*~]* -->$/)
    expect(line.length).toBeLessThan(1100)
  })

  test('is another one for each key', () => {
    const longKeys = ['a', 'b'].map((end) => 'x'.repeat(5000) + end)
    const all = [...KEYS, ...longKeys]
    expect(new Set(all.map(marker)).size).toBe(new Set(all).size)
    expect(all.every((key) => marker(key) === marker(key))).toBe(true)
  })
})

test('a key is the job, and the matrix where there is one', () => {
  expect(commentKey('test null')).toBe('test')
  expect(commentKey('test {}')).toBe('test')
  expect(commentKey('test {\n  "go": "1.25"\n}')).toBe('test { "go": "1.25" }')
  expect(commentKey(' null ')).toBe('null')
})

test('the policy decides whether a comment is begun', () => {
  const verdicts = ['pass', 'warn', 'fail', 'invalid'] as const
  const opened = (policy: CommentPolicy): readonly string[] =>
    verdicts.filter((verdict) => opensComment(policy, verdict))
  expect(opened('always')).toEqual(verdicts)
  expect(opened('on-change')).toEqual(['warn', 'fail', 'invalid'])
  expect(opened('on-fail')).toEqual(['fail', 'invalid'])
  expect(opened('never')).toEqual([])
})

/** The comments of a pull request as a list, and a token of `viewer`. */
function pullRequest(viewer: string | undefined, ...given: readonly Comment[]): CommentsApi {
  const comments = [...given]
  const write = (id: number, body: string): Promise<Comment> => {
    const author = { login: viewer ?? 'github-actions[bot]', isBot: viewer === undefined }
    const written = { id, body, author, url: `https://h/${id.toString()}` }
    const index = comments.findIndex((comment) => comment.id === id)
    if (index < 0) comments.push(written)
    else comments[index] = written
    return Promise.resolve(written)
  }
  return {
    list: () => Promise.resolve([...comments]),
    create: (body) => write(comments.length + 1, body),
    update: write,
    viewer: () => Promise.resolve(viewer),
  }
}

const by = (login: string, isBot: boolean, body: string, id = 1): Comment => ({
  id,
  body,
  author: { login, isBot },
  url: '',
})

const bodies = async (api: CommentsApi): Promise<readonly string[]> =>
  (await api.list()).map(({ body }) => body)

const OURS = `${marker('k')}\nold`
const put = { key: 'k', body: 'new', open: true }

describe('the comment of a key', () => {
  test('is begun once and updated in place', async () => {
    const api = pullRequest(undefined)
    await putComment(api, { ...put, body: 'one' })
    const updated = await putComment(api, { ...put, body: 'two', open: false })
    expect(updated?.id).toBe(1)
    expect(await bodies(api)).toEqual([`${marker('k')}\ntwo`])
  })

  test('is not begun where the policy says so, and not written again when nothing changed', async () => {
    const api = pullRequest(undefined)
    expect(await putComment(api, { ...put, open: false })).toBeUndefined()
    expect(await bodies(api)).toEqual([])
    const same = by('github-actions[bot]', true, `${marker('k')}\nnew`)
    const refuse = (): Promise<Comment> => Promise.reject(new Error('must not be written'))
    const unchanged = { ...pullRequest(undefined, same), create: refuse, update: refuse }
    expect(await putComment(unchanged, put)).toEqual(same)
  })

  test('is never that of a user who wrote our marker', async () => {
    const ghost: Comment = { id: 2, body: OURS, author: undefined, url: '' }
    const api = pullRequest(undefined, by('mallory', false, OURS), ghost)
    await putComment(api, put)
    expect(await bodies(api)).toEqual([OURS, OURS, `${marker('k')}\nnew`])
  })

  test('is that of the token’s own user, and then of no other, bot or not', async () => {
    const api = pullRequest('ci', by('other[bot]', true, OURS, 1), by('ci', false, OURS, 2))
    expect((await putComment(api, put))?.id).toBe(2)
    expect(await bodies(api)).toEqual([OURS, `${marker('k')}\nnew`])
  })

  test('is not one that quotes the marker, nor one of another key', async () => {
    const others = [
      by('ci', false, `> ${OURS}`, 1),
      by('ci', false, `${marker('k2')}\nold`, 2),
      by('ci', false, marker('k').slice(0, -4), 3),
    ]
    const api = pullRequest('ci', ...others)
    expect((await putComment(api, put))?.id).toBe(4)
  })
})
