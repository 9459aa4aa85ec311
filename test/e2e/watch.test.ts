import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildService } from '../support/fixture-service.ts'
import { freePort } from '../support/free-port.ts'
import { type Finished, heapgate, leftovers, resultIn } from '../support/heapgate.ts'

let lab: string
let port: number
let scratch: string

beforeAll(async () => {
  lab = await buildService('lab')
})

beforeEach(async () => {
  port = await freePort()
  scratch = await mkdtemp(join(tmpdir(), 'heapgate-watch-'))
})

afterEach(async () => {
  const left = await leftovers(port.toString(), port)
  await rm(scratch, { recursive: true, force: true })
  expect(left).toEqual([])
})

const service = (): string => `${lab} -addr 127.0.0.1:${port.toString()}`
const report = (): string => join(scratch, 'report')
/** A line of shell that ends when the snapshot of a name is there. */
const snapshot = (name: string): string =>
  `while ! [ -e ${report()}/profiles/${name}.pb.gz ]; do sleep 0.02; done`

const gate = (flags: Readonly<Record<string, string>>): Promise<Finished> => {
  const all = {
    url: `http://127.0.0.1:${port.toString()}`,
    requests: 'GET /ok',
    'round-requests': '500',
    rounds: '2',
    'cool-down': '50ms',
    'report-dir': report(),
    ...flags,
  }
  return heapgate(['run', ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])])
}

describe('a service that is watched', () => {
  test('and was restarted by its supervisor can’t be judged', async () => {
    const supervisor = `while :; do ${service()} || :; done`
    // Without a `sleep`, which would be one more process that ended.
    const wait = `exec 9<> <(:); while ! [ -e ${report()}/profiles/round-1.pb.gz ]; do read -rt 0.02 -u 9 || :; done`
    const { status, stdout } = await gate({
      run: `${supervisor} & ${wait}; pkill -9 -f '^${service()}'; wait`,
      // However few requests the moment without it costs.
      'max-error-rate': '100%',
      rounds: '3',
    })
    expect(stdout).toContain('The service was restarted in round 2 of 3')
    expect(status).toBe(3)
    expect(await resultIn(report())).toMatchObject({
      measurement: { failure: { code: 'restarted' }, watched: { endedProcesses: 1 } },
    })
  })

  test('and lost a process that it does not need is judged, and that is said', async () => {
    const { status, stdout } = await gate({
      run: `sh -c "${snapshot('baseline')}; : worker" & exec ${service()}`,
    })
    expect(status).toBe(0)
    expect(stdout).toMatch(/\d of the \d processes that the service had when it was ready ended/)
  })

  test('has its resident memory told, with that of the processes that it forked', async () => {
    const worker = `${process.execPath} -e "global.kept = Buffer.alloc(${(150 * 2 ** 20).toString()}, 1); setInterval(() => {}, 1e6)"`
    const { stdout } = await gate({
      run: `${worker} & echo a worker is up; exec ${service()}`,
      // Not the index of pprof: the worker needs a moment to grow.
      'ready-timeout': '20s',
      rounds: '5',
    })
    expect(stdout).toMatch(/Resident memory {2}[▁▂▃▄▅▆▇█]+ up to (1[5-9]\d|2\d\d) MiB/)
    const { measurement } = await resultIn(report())
    expect(measurement.watched?.peakBytes).toBeGreaterThan(150 * 2 ** 20)
    expect(measurement.watched).toMatchObject({ processes: 2, endedProcesses: 0 })
  })

  test('and forks workers is said to be measured in one process alone', async () => {
    const other = await freePort()
    const { status, stdout } = await gate({
      run: `${lab} -addr 127.0.0.1:${other.toString()} & exec ${service()}`,
    })
    expect(status).toBe(0)
    expect(stdout).toContain(
      '2 processes run the service’s program, and the heap of one is measured',
    )
  })

  test('is ready when a line of its output matches', async () => {
    const { status } = await gate({
      run: `${service()} & sleep 1; echo it is up; wait`,
      'ready-pattern': '^it is up$',
    })
    expect(status).toBe(0)
  })
})
