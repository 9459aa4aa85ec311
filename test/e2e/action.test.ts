import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { marker } from '../../src/github/sticky-comment.ts'
import { buildService, sourceOf } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import {
  type GitHub,
  HEAD_COMMIT,
  runAction,
  startGitHub,
  startRefusingGitHub,
  type Step,
  type StepOptions,
  TOKEN,
} from '../support/github.ts'
import { leftovers, resultIn } from '../support/heapgate.ts'

let github: GitHub
let lab: string
let bounded: string
let port: number
let scratch: string
let workspace: string
let line: number

beforeAll(async () => {
  lab = await buildService('lab')
  bounded = await buildService('bounded')
  const source = await readFile(join(sourceOf('leaky'), 'main.go'), 'utf8')
  line = source.split('\n').findIndex((text) => text.includes('make([]byte, 1000000)')) + 1
})

beforeEach(async () => {
  github = await startGitHub()
  port = await freePort()
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'heapgate-action-')))
  workspace = join(scratch, 'workspace')
  await mkdir(workspace)
  await cp(sourceOf('leaky'), join(workspace, 'leaky'), { recursive: true })
})

afterEach(async () => {
  const left = await leftovers(port.toString(), port)
  await github.close()
  await rm(scratch, { recursive: true, force: true })
  expect(left).toEqual([])
})

/** Inputs that build the leaky service in the workspace and load it. */
const leakyInputs = (): Record<string, string> => ({
  'working-directory': 'leaky',
  build: 'go build -o server .',
  run: `./server -addr 127.0.0.1:${port.toString()}`,
  url: `http://127.0.0.1:${port.toString()}`,
  requests: 'GET /leaky-endpoint',
  'round-requests': '50',
  rounds: '2',
  'cool-down': '100ms',
  'comment-key': 'heap null',
})

const step = (
  inputs: Readonly<Record<string, string>>,
  apiUrl = github.url,
  onStdout?: StepOptions['onStdout'],
): Promise<Step> =>
  runAction({ apiUrl, pullRequest: github.pullRequest, workspace, scratch, inputs, onStdout })

const ourComments = async (): Promise<readonly { body: string }[]> =>
  (await github.comments()).filter(({ user }) => user.login === 'heapgate-ci')

describe('the action on a pull request', () => {
  test('owns one comment among many and updates it in place', async () => {
    for (let index = 0; index < 150; index++) {
      await github.commentAsAlice(`comment ${index.toString()}`)
    }
    const first = await step(leakyInputs())
    expect(first.status).toBe(1)
    const [created] = await ourComments()
    expect(created?.body).toContain('The service kept')

    await github.commentAsAlice('one more')
    const second = await step({ ...leakyInputs(), 'round-requests': '60' })
    expect(second.status).toBe(1)
    const ours = await ourComments()
    expect(ours).toHaveLength(1)
    expect(ours[0]?.body).toContain('over 180 requests')
    expect(await github.comments()).toHaveLength(152)
  })

  test('tells the verdict in the comment, the summary, an annotation, outputs and status', async () => {
    const { status, stdout, outputs, summary } = await step(leakyInputs())
    expect(status).toBe(1)

    const link = `https://github.example/octo/shop/blob/${HEAD_COMMIT}/leaky/main.go#L${line.toString()}`
    const [comment] = await ourComments()
    const body = comment?.body ?? ''
    expect(body.startsWith(`${marker('heap')}\n### ❌ heapgate: the service keeps memory`)).toBe(
      true,
    )
    expect(body).toContain(
      `href="${link.replace(/[@:_]/g, (c) => `&#${c.charCodeAt(0).toString()};`)}"`,
    )
    expect(body).toContain('Data: make([]byte, 1000000),')
    expect(body).toContain('heapgate run')
    expect(summary).toContain(body.slice(body.indexOf('###')).slice(0, 200))

    expect(stdout).toMatch(
      new RegExp(
        `^::error title=heapgate%3A fail,file=leaky/main\\.go,line=${line.toString()}::main\\.handleRequest keeps`,
        'm',
      ),
    )
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^::error::heapgate: fail: The service kept/,
    )

    expect(outputs).toMatchObject({
      verdict: 'fail',
      'goroutine-growth': '0',
      'report-dir': join(workspace, 'heapgate-report'),
      'result-json': join(workspace, 'heapgate-report/result.json'),
    })
    expect(Number(outputs['retained-bytes-per-request']) / 1_007_616).toBeCloseTo(1, 2)
    expect(outputs['comment-body']?.trim()).toBe(body.slice(body.indexOf('###')).trim())
    expect(outputs['comment-url']).toContain('#issuecomment-')
    const result = await resultIn(join(workspace, 'heapgate-report'))
    expect(result.origin?.commit).toBe(HEAD_COMMIT)
  })

  test('is not fooled by a comment of somebody else that carries the marker', async () => {
    await github.commentAsAlice(`${marker('heap')}\nall is well`)
    await step(leakyInputs())
    expect(await ourComments()).toHaveLength(1)
    expect((await github.comments())[0]?.body).toContain('all is well')
  })

  test('says nothing about a service that passes, but keeps an existing comment current', async () => {
    const passing = {
      ...leakyInputs(),
      build: '',
      run: `${bounded} -addr 127.0.0.1:${port.toString()}`,
    }
    const first = await step({ ...passing, 'warmup-requests': '60' })
    expect(first.status).toBe(0)
    expect(first.summary).toContain('✅')
    expect(await ourComments()).toHaveLength(0)

    await step(leakyInputs())
    await step({ ...passing, 'warmup-requests': '60' })
    const ours = await ourComments()
    expect(ours).toHaveLength(1)
    expect(ours[0]?.body).toContain('✅')
  })

  test('keeps the comments of different keys apart', async () => {
    await step({ ...leakyInputs(), 'comment-key': 'heap {"go":"1.25"}' })
    await step({ ...leakyInputs(), 'comment-key': 'heap {"go":"1.26"}' })
    expect(await ourComments()).toHaveLength(2)
  })
})

describe('the action where it may not comment', () => {
  test.each([403, 404])('warns of a %d with the permission that is missing', async (status) => {
    const refusing = await startRefusingGitHub(() => ({ status }))
    try {
      const run = await step(leakyInputs(), refusing.url)
      expect(run.status).toBe(1)
      expect(run.outputs['verdict']).toBe('fail')
      expect(run.outputs['comment-url']).toBe('')
      expect(run.summary).toContain('The service kept')
      expect(run.stdout).toMatch(/^::warning title=heapgate%3A no comment::.*pull-requests: write/m)
    } finally {
      refusing.close()
    }
  })

  test('tries again when GitHub has trouble, and then lets the verdict stand', async () => {
    const troubled = await startRefusingGitHub(() => ({ status: 502 }))
    try {
      const run = await step(leakyInputs(), troubled.url)
      expect(run.status).toBe(1)
      expect(run.summary).toContain('The service kept')
      expect(run.stdout).toContain('::warning title=heapgate%3A no comment::')
      expect(troubled.seen.length).toBe(3)
    } finally {
      troubled.close()
    }
  })

  test('needs no pull request at all', async () => {
    const inputs = leakyInputs()
    const run = await runAction({
      apiUrl: github.url,
      pullRequest: undefined,
      workspace,
      scratch,
      inputs,
    })
    expect(run.status).toBe(1)
    expect(run.summary).toContain('The service kept')
    expect(await ourComments()).toHaveLength(0)
  })
})

describe('the action and the code of a pull request', () => {
  test('shows it neither inputs nor the token nor the runner’s variables', async () => {
    const seen = join(scratch, 'environ')
    await step({
      ...leakyInputs(),
      build: `env > ${seen}-build; go build -o server .`,
      run: `env > ${seen}-run; exec ./server -addr 127.0.0.1:${port.toString()}`,
    })
    for (const name of ['build', 'run']) {
      const environment = await readFile(`${seen}-${name}`, 'utf8')
      expect(environment).toContain('PATH=')
      expect(environment).not.toMatch(/^(INPUT|GITHUB|RUNNER|ACTIONS|STATE)_/m)
      expect(environment).not.toContain(TOKEN)
    }
  })
})

test('the action in a workflow that is cancelled is through in ten seconds, and says nothing', async () => {
  let cancelled: number | undefined
  const inputs = {
    ...leakyInputs(),
    run: `trap '' TERM; ./server -addr 127.0.0.1:${port.toString()} & wait; wait`,
    'round-requests': '100000000',
    'stop-timeout': '10m',
    comment: 'always',
  }
  const onStdout = (text: string, pid: number): void => {
    if (cancelled !== undefined || !text.includes('warm-up')) return
    cancelled = performance.now()
    process.kill(pid, 'SIGINT')
  }
  const { status, stdout } = await step(inputs, github.url, onStdout)
  // The runner sends SIGTERM after 7.5 s; a second signal would cut the report short.
  expect(performance.now() - (cancelled ?? 0)).toBeLessThan(7500)
  expect(stdout).toContain('The run was cancelled.')
  expect(status).toBe(3)
  expect(await ourComments()).toEqual([])
})

test('the action reports mistaken inputs together, each as an annotation', async () => {
  const { status, stdout, outputs } = await step({ 'max-retained': 'lots', rounds: '0' })
  expect(status).toBe(2)
  expect(outputs).toEqual({})
  expect(stdout).toContain('::error title=heapgate%3A mistaken input::run: missing')
  expect(stdout).toContain('max-retained: "lots": expected a size such as 512KiB or 2MB')
  expect(stdout).toContain('rounds: "0": expected a whole number of at least 1')
})

test('the action judges goroutines too', async () => {
  const { status, outputs, stdout } = await step({
    ...leakyInputs(),
    build: '',
    run: `${lab} -addr 127.0.0.1:${port.toString()}`,
    requests: 'GET /block',
    'max-goroutine-growth': '10',
  })
  expect(status).toBe(1)
  expect(outputs['goroutine-growth']).toBe('150')
  expect(stdout).toMatch(/150 .* main\.main\.func\S+ \S*lab\/main\.go:\d+$/m)
  expect(stdout).toContain('The service gained 150 goroutines over 150 requests')
})
