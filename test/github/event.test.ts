import { describe, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readEvent, type WorkflowEvent } from '../../src/github/event.ts'
import { inScratch } from '../support/heapgate.ts'

const RUNNER = {
  GITHUB_REPOSITORY: 'octo/shop',
  GITHUB_SERVER_URL: 'https://github.example',
  GITHUB_API_URL: 'https://api.github.example',
  GITHUB_SHA: 'merge',
  GITHUB_RUN_ID: '42',
}

/** The event of a file with this text. */
const read = (text: string, environment: NodeJS.ProcessEnv = RUNNER): Promise<WorkflowEvent> =>
  inScratch(async (directory) => {
    const file = join(directory, 'event.json')
    await writeFile(file, text)
    return readEvent({ ...environment, GITHUB_EVENT_PATH: file })
  })

describe('the event of a workflow', () => {
  test('on a pull request is about its head commit, which somebody can open later', async () => {
    const event = { number: 7, pull_request: { number: 7, head: { sha: 'head' }, title: 'x' } }
    expect(await read(JSON.stringify(event))).toEqual({
      owner: 'octo',
      repository: 'shop',
      pullRequest: 7,
      apiUrl: 'https://api.github.example',
      origin: {
        server: 'https://github.example',
        repository: 'octo/shop',
        commit: 'head',
        run: 'https://github.example/octo/shop/actions/runs/42',
      },
    })
  })

  test('on a push is about no pull request', async () => {
    const event = await read('{"ref":"refs/heads/main"}')
    expect(event.pullRequest).toBeUndefined()
    expect(event.origin.commit).toBe('merge')
  })

  test('is read without an event file and without what only GitHub sets', async () => {
    expect(await readEvent({ GITHUB_REPOSITORY: 'octo/shop' })).toEqual({
      owner: 'octo',
      repository: 'shop',
      pullRequest: undefined,
      apiUrl: 'https://api.github.com',
      origin: { server: 'https://github.com', repository: 'octo/shop', commit: '' },
    })
  })

  test.each([undefined, '', 'shop', 'octo/', '/shop', 'a/b/c', 'a b/c'])(
    'is refused where the repository is %j',
    async (repository) => {
      await expect(readEvent({ GITHUB_REPOSITORY: repository })).rejects.toThrow(
        'GITHUB_REPOSITORY is not set to owner/name.',
      )
    },
  )

  test.each(['', 'no json', '[]', '{"pull_request":{"number":"7","head":{"sha":"x"}}}'])(
    'is refused with the name of its file where that holds %j',
    async (text) => {
      await expect(read(text)).rejects.toThrow(/^The event file \/.*event\.json can't be read: /)
    },
  )
})
