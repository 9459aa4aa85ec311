import { createEmulator } from 'emulate'
import { createServer, type IncomingMessage } from 'node:http'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Finished, runNode } from './heapgate.ts'
import { PROJECT } from './fixture-service.ts'

export const OWNER = 'octo'
export const REPOSITORY = 'shop'
/** Belongs to the user `heapgate-ci`, in whose name the action comments. */
export const TOKEN = 'token-of-heapgate-ci'
const ALICES_TOKEN = 'token-of-alice'

const comment = z.object({
  id: z.number(),
  body: z.string(),
  user: z.object({ login: z.string() }),
})

/** A stateful GitHub with one repository and one pull request. */
export interface GitHub {
  readonly url: string
  readonly pullRequest: number
  readonly comments: () => Promise<readonly z.infer<typeof comment>[]>
  /** A comment by alice, who is not us. */
  readonly commentAsAlice: (body: string) => Promise<void>
  readonly close: () => Promise<void>
}

export async function startGitHub(): Promise<GitHub> {
  const emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: {
        [TOKEN]: { login: 'heapgate-ci', scopes: ['repo'] },
        [ALICES_TOKEN]: { login: 'alice', scopes: ['repo'] },
      },
      github: {
        users: [{ login: OWNER }, { login: 'alice' }, { login: 'heapgate-ci' }],
        repos: [{ owner: OWNER, name: REPOSITORY, auto_init: true }],
      },
    },
  })
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${emulator.url}/repos/${OWNER}/${REPOSITORY}${path}`, {
      method,
      headers: { authorization: `token ${ALICES_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status.toString()}`)
    return answer.json()
  }
  const pull = await call('POST', '/pulls', { title: 'Keep users', head: 'topic', base: 'main' })
  const { number } = z.object({ number: z.number() }).parse(pull)
  const issue = `/issues/${number.toString()}/comments`
  return {
    url: emulator.url,
    pullRequest: number,
    comments: async () => {
      const all: z.infer<typeof comment>[] = []
      for (let page = 1; ; page++) {
        const query = `${issue}?per_page=100&page=${page.toString()}`
        const some = z.array(comment).parse(await call('GET', query))
        all.push(...some)
        if (some.length < 100) return all
      }
    },
    commentAsAlice: async (body) => {
      await call('POST', issue, { body })
    },
    close: () => emulator.close(),
  }
}

/** What a step of a workflow left behind. */
export interface Step extends Finished {
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

export interface StepOptions {
  readonly apiUrl: string
  readonly pullRequest: number | undefined
  readonly workspace: string
  /** A directory for the runner's own files. */
  readonly scratch: string
  readonly inputs: Readonly<Record<string, string>>
  readonly onStdout?: ((text: string, pid: number) => void) | undefined
}

export const HEAD_COMMIT = '5f0c8ba6d4e5a1c29d70f1e0b3a49c8f7e6d5c4b'

/** Runs the bundled action as the runner does: inputs and GITHUB_* variables, an event file. */
export async function runAction(options: StepOptions): Promise<Step> {
  const file = (name: string): string => join(options.scratch, name)
  const event =
    options.pullRequest === undefined
      ? {}
      : { pull_request: { number: options.pullRequest, head: { sha: HEAD_COMMIT } } }
  await Promise.all([
    writeFile(file('event.json'), JSON.stringify(event)),
    writeFile(file('output'), ''),
    writeFile(file('summary'), ''),
  ])
  const inputs = Object.entries({ 'github-token': TOKEN, ...options.inputs }).map(
    ([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const,
  )
  const finished = await runNode([join(PROJECT, 'dist/index.js')], {
    cwd: options.workspace,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: options.apiUrl,
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_REPOSITORY: `${OWNER}/${REPOSITORY}`,
      GITHUB_EVENT_NAME: options.pullRequest === undefined ? 'push' : 'pull_request',
      GITHUB_EVENT_PATH: file('event.json'),
      GITHUB_SHA: '0000000000000000000000000000000000000001',
      GITHUB_RUN_ID: '42',
      GITHUB_WORKSPACE: options.workspace,
      GITHUB_OUTPUT: file('output'),
      GITHUB_STEP_SUMMARY: file('summary'),
      RUNNER_TEMP: options.scratch,
      ...Object.fromEntries(inputs),
    },
    ...(options.onStdout === undefined ? {} : { onStdout: options.onStdout }),
  })
  return {
    ...finished,
    outputs: parseOutputs(await readFile(file('output'), 'utf8')),
    summary: await readFile(file('summary'), 'utf8'),
  }
}

/** The `name<<delimiter` form that the toolkit writes. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [, name, , value] of text.matchAll(/^(\S+?)<<(\S+)\n([\s\S]*?)\n?\2$/gm)) {
    if (name !== undefined) outputs[name] = value ?? ''
  }
  return outputs
}

/** A GitHub that answers every request for comments alike: what an emulator can't do. */
export async function startRefusingGitHub(
  answer: (request: IncomingMessage) => { readonly status: number; readonly body?: unknown },
): Promise<{ readonly url: string; readonly seen: string[]; readonly close: () => void }> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`)
    const { status, body } = answer(request)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? { message: 'Resource not accessible by integration' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port.toString()}`,
    seen,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
