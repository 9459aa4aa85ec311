import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildService, sourceOf } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { type GitHub, runAction, startGitHub, type Step, TOKEN } from '../support/github.ts'
import { heapgate, leftovers, resultIn } from '../support/heapgate.ts'
import { commandsIn } from '../support/runner-commands.ts'

const MASK = `::add-mask::${TOKEN}`

/** A directory that a pull request may add. */
const FORGED = '::error file=x,line=1::forged'

let github: GitHub
let faults: string
let port: number
let scratch: string
let workspace: string

beforeAll(async () => {
  faults = await buildService('faults')
})

beforeEach(async () => {
  github = await startGitHub()
  port = await freePort()
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'heapgate-commands-')))
  workspace = join(scratch, 'workspace')
  await mkdir(workspace)
})

afterEach(async () => {
  const left = await leftovers(port.toString(), port)
  await github.close()
  await rm(scratch, { recursive: true, force: true })
  expect(left).toEqual([])
})

const address = (): string => `127.0.0.1:${port.toString()}`

const options = (given: Readonly<Record<string, string>>): Record<string, string> => ({
  url: `http://${address()}`,
  requests: 'GET /work',
  'round-requests': '20',
  rounds: '1',
  'cool-down': '50ms',
  ...given,
})

/** Prints commands, control characters and escapes, and crashes. */
const printing = (): Record<string, string> =>
  options({ run: `${faults} -addr ${address()} -fault prints-commands -after 10` })

/** Keeps a megabyte a request, in a file below a directory that is called as a command. */
const forgedPath = (): Record<string, string> =>
  options({
    'working-directory': FORGED,
    build: 'go build -o server .',
    run: `./server -addr ${address()}`,
    requests: 'GET /leaky-endpoint',
  })

const action = (inputs: Record<string, string>): Promise<Step> =>
  runAction({
    apiUrl: github.url,
    pullRequest: github.pullRequest,
    workspace,
    scratch,
    inputs,
  })

// eslint-disable-next-line no-control-regex -- control characters are what must not be there
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/

describe('what a service prints', () => {
  test('is no command to the runner of the action, and moves no cursor', async () => {
    const { status, stdout, outputs } = await action(printing())
    expect(status).toBe(3)
    expect(stdout).toContain('| ::set-output name=verdict::pass')
    expect(stdout).not.toMatch(CONTROL)
    const told = 'heapgate: invalid: The service exited with status 5 in warm-up.'
    expect(commandsIn(stdout)).toEqual([
      MASK,
      '::error title=heapgate%3A invalid::The service exited with status 5 in warm-up.',
      `::error::${told}`,
    ])
    expect(outputs['verdict']).toBe('invalid')
  })

  test('is no command to the runner of a step that calls heapgate', async () => {
    const flags = Object.entries(printing()).flatMap(([name, value]) => [`--${name}`, value])
    const run = await heapgate(['run', ...flags], { cwd: workspace })
    expect(run.status).toBe(3)
    expect(run.stdout).toContain('| text before #\\x23[error]forged')
    expect(run.stdout).toContain('\\x1b[2K\\x1b]0;forged title\\x07\\x1b[31mforged colour')

    const file = join(workspace, 'heapgate-report/result.json')
    const again = await heapgate(['report', file])
    const markdown = await heapgate(['report', file, '--markdown'])
    for (const text of [run.stdout, run.stderr, again.stdout, markdown.stdout]) {
      expect(commandsIn(text)).toEqual([])
      expect(text).not.toMatch(CONTROL)
    }
    expect(await readFile(join(workspace, 'heapgate-report/service.log'), 'utf8')).toContain(
      '\u001b[2K',
    )
  })
})

describe('a path of the repository', () => {
  beforeEach(async () => {
    await cp(sourceOf('leaky'), join(workspace, FORGED), { recursive: true })
  })

  test('is no command to the runner of the action', async () => {
    const { status, stdout } = await action(forgedPath())
    expect(status).toBe(1)
    expect(stdout).toContain(FORGED)
    const [mask, annotation, ...more] = commandsIn(stdout)
    expect(mask).toBe(MASK)
    expect(annotation).toMatch(
      /^::error title=heapgate%3A fail,file=%3A%3Aerror file=x%2Cline=1%3A%3Aforged\/main\.go,line=\d+::main\.handleRequest keeps/,
    )
    expect(more).toEqual([expect.stringMatching(/^::error::heapgate: fail: The service kept/)])
  })

  test('is no command to the runner of a step that calls heapgate', async () => {
    const flags = Object.entries(forgedPath()).flatMap(([name, value]) => [`--${name}`, value])
    const { status, stdout, stderr } = await heapgate(['run', ...flags], { cwd: workspace })
    expect(status).toBe(1)
    const result = await resultIn(join(workspace, 'heapgate-report'))
    expect(result.growth[0]?.path).toBe(`${FORGED}/main.go`)
    expect(stdout).toContain('\\x3a:error file=x,line=1::forged/main.go:')
    expect([...commandsIn(stdout), ...commandsIn(stderr)]).toEqual([])
  })
})
