import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildService, PROJECT } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { type Finished, heapgate, leftovers, resultIn } from '../support/heapgate.ts'

let leaky: string
let port: number
let scratch: string

beforeAll(async () => {
  leaky = await buildService('leaky')
})

beforeEach(async () => {
  port = await freePort()
  scratch = await mkdtemp(join(tmpdir(), 'heapgate-ending-'))
})

afterEach(async () => {
  // The scratch directory is in the command of all that a test starts, the port in that of a service.
  const left = [...(await leftovers(scratch, port)), ...(await leftovers(port.toString(), port))]
  await rm(scratch, { recursive: true, force: true })
  expect(left).toEqual([])
})

const address = (): string => `127.0.0.1:${port.toString()}`
const service = (): string => `${leaky} -addr ${address()}`

/** The arguments of a short run; those given win. */
function argumentsOf(flags: Readonly<Record<string, string>>): string[] {
  const all = {
    run: service(),
    url: `http://${address()}`,
    requests: 'GET /leaky-endpoint',
    'round-requests': '20',
    rounds: '1',
    'cool-down': '50ms',
    'report-dir': join(scratch, 'report'),
    ...flags,
  }
  return ['run', ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])]
}

const run = (flags: Readonly<Record<string, string>> = {}): Promise<Finished> =>
  heapgate(argumentsOf(flags))

/** Runs, and sends the signals one after the other when progress tells of the stage. */
function interrupted(
  stage: string,
  signals: readonly NodeJS.Signals[],
  flags: Readonly<Record<string, string>>,
): Promise<Finished> {
  let told = false
  return heapgate(argumentsOf(flags), {
    onStderr: (text, pid) => {
      if (told || !text.includes(`heapgate: ${stage}\n`)) return
      told = true
      signals.forEach((signal, index) => {
        setTimeout(() => process.kill(pid, signal), 200 + 400 * index)
      })
    },
  })
}

const endless = { 'round-requests': '100000000', requests: 'GET /debug/pprof/cmdline' }

describe('a run that is told to end', () => {
  test('by a terminal that is closed stops the service', async () => {
    const { status } = await interrupted('warm-up', ['SIGHUP'], endless)
    expect(status).toBe(3)
  })

  test('twice ends at once, and leaves neither a service that ignores SIGTERM nor its daemons', async () => {
    await mkdir(join(scratch, 'report'))
    await writeFile(join(scratch, 'report/result.json'), '{"verdict":"pass"}')
    const daemon = `touch ${scratch}/d; (setsid sh -c "tail -f ${scratch}/d & :" &)`
    const stubborn = `trap '' TERM; ${daemon}; ${service()}`
    const { status } = await interrupted('warm-up', ['SIGINT', 'SIGINT'], {
      ...endless,
      run: `${stubborn}; : ${scratch}`,
      'stop-timeout': '10m',
    })
    expect(status).toBe(130)
    expect(existsSync(join(scratch, 'report/result.json'))).toBe(false)
  })
})

const NOBODY = 65_534
const root = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv') ? test : test.skip

root(
  'a run ends, and says so, when it can’t kill what holds the output of the service',
  async () => {
    const become = join(scratch, 'become')
    await copyFile('/usr/bin/setpriv', become)
    await chmod(become, 0o4755)
    await chmod(scratch, 0o777)
    const pid = join(scratch, 'pid')
    const args = argumentsOf({
      run: `${become} --reuid 0 sleep 60 & echo $! > ${pid}; exec ${service()}`,
      'stop-timeout': '100ms',
    })
    const begin = performance.now()
    try {
      const { status, stderr } = spawnSync(
        process.execPath,
        [join(PROJECT, 'dist/cli.js'), ...args],
        { uid: NOBODY, cwd: '/', env: { NODE_OPTIONS: '' }, encoding: 'utf8', timeout: 50_000 },
      )
      expect(stderr).toContain("The service can't be stopped; still running: ")
      expect(status).toBe(2)
      expect(performance.now() - begin).toBeLessThan(40_000)
    } finally {
      process.kill(Number(await readFile(pid, 'utf8')), 'SIGKILL')
    }
  },
)

describe('a run whose output can’t be written', () => {
  test.each(['2>/dev/null | true', '2>&1 | true', '>&-', '>&- 2>&-', '>/dev/full', '2>/dev/full'])(
    'keeps the status of its verdict: %s',
    (redirection) => {
      const command = `set -o pipefail; "$0" "$@" ${redirection}`
      const [failing, passing] = ['GET /leaky-endpoint', 'GET /debug/pprof/cmdline'].map(
        (requests) =>
          spawnSync(
            'bash',
            [
              '-c',
              command,
              process.execPath,
              join(PROJECT, 'dist/cli.js'),
              ...argumentsOf({ requests }),
            ],
            { env: { ...process.env, NODE_OPTIONS: '' } },
          ).status,
      )
      expect([failing, passing]).toEqual([1, 0])
    },
  )
})

test('an action whose output can’t be written keeps the status of its verdict', async () => {
  await writeFile(join(scratch, 'summary'), '')
  await writeFile(join(scratch, 'output'), '')
  const inputs = {
    run: service(),
    url: `http://${address()}`,
    requests: 'GET /debug/pprof/cmdline',
    'round-requests': '20',
    rounds: '1',
    'comment-key': 'k',
    'github-token': 'no-token',
  }
  const { status } = spawnSync(
    'bash',
    ['-c', '"$0" "$1" >/dev/full', process.execPath, join(PROJECT, 'dist/index.js')],
    {
      env: {
        PATH: process.env['PATH'],
        GITHUB_REPOSITORY: 'octo/shop',
        GITHUB_WORKSPACE: scratch,
        GITHUB_OUTPUT: join(scratch, 'output'),
        GITHUB_STEP_SUMMARY: join(scratch, 'summary'),
        ...Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
      },
    },
  )
  expect(status).toBe(0)
  expect((await resultIn(join(scratch, 'heapgate-report'))).verdict).toBe('pass')
})

describe('a report directory', () => {
  test('is made with its parents', async () => {
    const { status } = await run({ 'report-dir': join(scratch, 'a/b/c') })
    expect(status).toBe(1)
    expect((await resultIn(join(scratch, 'a/b/c'))).verdict).toBe('fail')
  })

  test.each(['file', 'file/below', 'taken'])(
    'that can’t be one is wrong use, told before the service is started: %s',
    async (name) => {
      await writeFile(join(scratch, 'file'), '')
      await mkdir(join(scratch, 'taken/result.json'), { recursive: true })
      const started = join(scratch, 'started')
      const { status, stderr } = await run({
        run: `touch ${started}; ${service()}`,
        'report-dir': join(scratch, name),
      })
      expect(status).toBe(2)
      expect(stderr).toContain(`heapgate: report-dir: ${join(scratch, name)}: `)
      expect(stderr).not.toContain('    at ')
      expect(existsSync(started)).toBe(false)
    },
  )
})

test('a report directory keeps the profiles that are not of a run', async () => {
  const profiles = join(scratch, 'report/profiles')
  await mkdir(profiles, { recursive: true })
  const names = ['prod.pb.gz', 'round-99.pb.gz', 'round-99.goroutine.pb.gz']
  for (const name of names) await writeFile(join(profiles, name), '')
  expect((await run()).status).toBe(1)
  expect(names.map((name) => existsSync(join(profiles, name)))).toEqual([true, false, false])
})

test('a report directory that is the working directory is wrong use, and nothing is removed', async () => {
  await writeFile(join(scratch, 'report.md'), 'mine')
  const { status, stderr } = await run({ 'report-dir': scratch, 'working-directory': scratch })
  expect(status).toBe(2)
  expect(stderr).toContain('The report needs a directory of its own')
  expect(await readFile(join(scratch, 'report.md'), 'utf8')).toBe('mine')
})

test('a report directory that the build takes away is made again', async () => {
  const { status } = await run({ build: `cd ${scratch}; mv report away` })
  expect(status).toBe(1)
  expect((await resultIn(join(scratch, 'report'))).verdict).toBe('fail')
})

test('a report directory that is made a file is told without a stack', async () => {
  const report = join(scratch, 'report')
  const { status, stderr } = await run({ build: `mv ${report} ${report}-away; touch ${report}` })
  expect(status).toBe(2)
  expect(stderr).toContain(`heapgate: The report directory ${report} can't be written: `)
  expect(stderr).not.toContain('    at ')
})

test("profiles that can't be written end the run without a stack, and without the service", async () => {
  const report = join(scratch, 'report')
  const { status, stderr } = await run({ run: `rm -r ${report}/profiles; ${service()}` })
  expect(status).toBe(2)
  expect(stderr).toContain(`heapgate: The report directory ${report}/profiles can't be written: `)
  expect(stderr).toContain('a directory that has room')
  expect(stderr).not.toContain('    at ')
})

test.each<Readonly<Record<string, string>>>([{}, { build: 'true' }])(
  'a temporary directory that is not there is told as what it is: %j',
  async (flags) => {
    const { status, stdout } = await heapgate(argumentsOf(flags), {
      environment: { TMPDIR: join(scratch, 'missing') },
    })
    expect(status).toBe(3)
    expect(stdout).toContain(`The temporary directory ${join(scratch, 'missing')} can't be written`)
    expect(stdout).toContain('Set TMPDIR to a directory that exists')
    expect(stdout).not.toContain('Is there a directory')
  },
)

describe('a service', () => {
  test('may be a line of shell with quotes, variables and pipes', async () => {
    const at = `AT="${address()}"; '${leaky}' -addr "$AT" 2>&1 | tee '${scratch}/a  copy'`
    expect((await run({ run: at })).status).toBe(1)
    expect(await readFile(join(scratch, 'a  copy'), 'utf8')).toContain('Total users: 40')
  })

  test('may bind its port late', async () => {
    expect((await run({ run: `sleep 1; exec ${service()}` })).status).toBe(1)
  })

  test('may print what ready-pattern waits for before it listens', async () => {
    const { status } = await run({
      run: `echo listening; sleep 1; exec ${service()}`,
      'ready-pattern': '^listening$',
    })
    expect(status).toBe(1)
  })

  test('may listen on IPv6', async () => {
    const at = `[::1]:${port.toString()}`
    const { status } = await run({ run: `${leaky} -addr '${at}'`, url: `http://${at}` })
    expect(status).toBe(1)
  })

  test('may answer below a path', async () => {
    const { status, stdout } = await run({
      url: `http://${address()}/debug/`,
      'pprof-url': `http://${address()}/debug/pprof/`,
      requests: 'GET /pprof/cmdline',
    })
    expect(status).toBe(0)
    expect(stdout).toContain('20 requests in 1 round')
  })

  test('may get fewer requests than there are connections', async () => {
    const { status, stdout } = await run({ 'round-requests': '5', connections: '10' })
    expect(status).toBe(1)
    expect(stdout).toContain('over 10 requests')
  })
})
