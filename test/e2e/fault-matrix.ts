import type { ExitStatus } from '../../src/exit-status.ts'
import type { Failure } from '../../src/verdict/measurement.ts'
import type { Verdict } from '../../src/verdict/result.ts'

/** Where a fault is provoked: what its options are made of. */
export interface Place {
  /** The service of fixtures/services/faults, ready to take flags. */
  readonly service: string
  readonly address: string
  /** Nothing listens there, and nothing may when the run is over. */
  readonly otherAddress: string
  /** Shell that moves itself, and what it starts, into a control group of 64 MiB. */
  readonly enterCgroup: string
}

/** What goes wrong, how it is provoked, and what heapgate must make of it. */
export interface Fault {
  /** What happened, in words of the user. */
  readonly happens: string
  readonly options: (place: Place) => Readonly<Record<string, string>>
  readonly verdict: Verdict
  readonly status: ExitStatus
  /** Of a run that broke; a run that went through has none. */
  readonly code?: Failure['code']
  /** What heapgate prints; `…` stands for what differs from run to run. */
  readonly says: string
  /** What else must be in the output. */
  readonly also?: readonly string[]
  /** What the user should do. */
  readonly advice: string
  /** The stage in which the workflow is cancelled. */
  readonly cancelledIn?: string
  /** What the machine must allow, or somebody else must do. */
  readonly needs?: 'cgroup' | 'taken-port'
}

export interface FaultGroup {
  readonly title: string
  readonly faults: readonly Fault[]
}

const invalid = { verdict: 'invalid', status: 3 } as const
const pass = { verdict: 'pass', status: 0 } as const
const HEADLINE_OF_PASS = 'PASS: the heap is within its budgets'

/** The service with one of its faults. */
const faulty =
  (fault: string, flags = '', options: Readonly<Record<string, string>> = {}) =>
  ({ service, address }: Place): Readonly<Record<string, string>> => ({
    run: `${service} -addr ${address} -fault ${fault} ${flags}`.trimEnd(),
    ...options,
  })

/** So many requests, sent whatever fails, that the end of the service comes before theirs. */
const LONG_LOAD = { 'round-requests': '500', 'max-error-rate': '100%' }

/** Requests of a load that does not end by itself. */
const ENDLESS = '100000000'

export const FAULT_MATRIX: readonly FaultGroup[] = [
  {
    title: 'It does not start',
    faults: [
      {
        happens: 'The command of `run` is not found',
        options: () => ({ run: './no-such-server' }),
        ...invalid,
        code: 'exited',
        says: 'The service exited with status 127 before it was ready.',
        also: ['The shell did not find the command of `run`', 'no-such-server: No such file'],
        advice: 'Check the path, relative to `working-directory`, and that `build` wrote it there.',
      },
      {
        happens: 'The command of `run` is not executable',
        options: () => ({ run: './notes.txt' }),
        ...invalid,
        code: 'exited',
        says: 'The service exited with status 126 before it was ready.',
        also: ['may not execute it', 'Permission denied'],
        advice: '`chmod +x` it, or start it by its interpreter.',
      },
      {
        happens: 'The working directory does not exist',
        options: () => ({ run: 'true', 'working-directory': 'no/such/place' }),
        ...invalid,
        code: 'exited',
        says: 'The service could not be started: …',
        also: ['Is there a directory'],
        advice: 'Set `working-directory` relative to the repository, and check it out before.',
      },
      {
        happens: 'The build fails',
        options: () => ({ build: 'go build -o server ./broken', run: './server' }),
        ...invalid,
        code: 'build-failed',
        says: 'The build exited with status 1: go build -o server ./broken',
        also: ['| broken/main.go:3:15: undefined: notDeclared'],
        advice: 'Read the end of its output in the report; all of it is in `build.log`.',
      },
      {
        happens: 'The service exits at once',
        options: () => ({ run: 'echo no database; exit 4' }),
        ...invalid,
        code: 'exited',
        says: 'The service exited with status 4 before it was ready.',
        also: ['| no database'],
        advice: 'Read the end of its log: often a port, a variable or a database is missing.',
      },
      {
        happens: 'The service goes into the background',
        options: ({ service, address }) => ({
          run: `setsid ${service} -addr ${address} & sleep 0.3`,
        }),
        ...invalid,
        code: 'exited',
        says: 'The service exited with status 0 ….',
        also: ['let the service stay in the foreground'],
        advice: 'Leave out `&`, `nohup` and flags such as `-daemon`.',
      },
      {
        happens: 'The service exits while it is not ready yet',
        options: faulty('ends-while-not-ready'),
        ...invalid,
        code: 'exited',
        says: 'The service exited with status 4 before it was ready.',
        also: ['no migration was found'],
        advice: 'Read the end of its log.',
      },
      {
        happens: 'The service is never ready',
        options: faulty('is-not-ready', '', { 'ready-timeout': '500ms' }),
        ...invalid,
        code: 'not-ready',
        says: 'The service was not ready within 500 ms: GET … answered 503.',
        advice:
          'Set `ready-url` to an address that answers 2xx when the service is up, or raise `ready-timeout`.',
      },
      {
        happens: 'The service never listens where `url` says',
        options: () => ({ run: 'sleep 60', 'ready-timeout': '300ms' }),
        ...invalid,
        code: 'not-ready',
        says: 'The service was not ready within 300 ms: GET …: connect ECONNREFUSED ….',
        advice: 'Let `url` and the address of the service agree.',
      },
      {
        happens: 'Something else has the port',
        needs: 'taken-port',
        options: faulty('none'),
        ...invalid,
        code: 'port-in-use',
        says: 'Something else is listening at http://… already.',
        advice: 'Stop what listens there, or choose another port. heapgate does not touch it.',
      },
    ],
  },
  {
    title: 'It does not serve net/http/pprof as it should',
    faults: [
      {
        happens: 'The service is ready, and has no pprof',
        options: (place) =>
          faulty('has-no-pprof', '', { 'ready-url': `http://${place.address}/ready` })(place),
        ...invalid,
        code: 'no-pprof',
        says: 'GET … answered 404: the service serves no net/http/pprof there.',
        also: ['Import net/http/pprof in the service'],
        advice: 'Import net/http/pprof, and serve the mux that has it.',
      },
      {
        happens: 'The service has no pprof, and `ready-url` is not set',
        options: faulty('has-no-pprof', '', { 'ready-timeout': '500ms' }),
        ...invalid,
        code: 'not-ready',
        says: 'The service was not ready within 500 ms: GET …/debug/pprof/ answered 404.',
        advice: 'The same: without `ready-url`, the index of pprof tells that it is ready.',
      },
      {
        happens: 'pprof is on another mux and port',
        options: (place) =>
          faulty('none', `-pprof-addr ${place.otherAddress}`, {
            'ready-url': `http://${place.address}/ready`,
          })(place),
        ...invalid,
        code: 'no-pprof',
        says: 'GET … answered 404: the service serves no net/http/pprof there.',
        advice: 'Set `pprof-url`.',
      },
      {
        happens: 'pprof redirects, as to a login or another host',
        options: faulty('pprof-redirects'),
        ...invalid,
        code: 'no-pprof',
        says: 'GET … is redirected (302) to http://203.0.113.1/heap, which the gate does not follow.',
        advice: 'Set `pprof-url` to the address that answers itself.',
      },
      {
        happens: 'pprof answers an HTML page',
        options: faulty('pprof-is-a-page'),
        ...invalid,
        code: 'no-pprof',
        says: 'GET … answered "text/html; charset=utf-8", not a heap profile as text.',
        advice: 'Set `pprof-url`, and let no login stand before it.',
      },
      {
        happens: 'pprof hangs',
        options: faulty('pprof-hangs'),
        ...invalid,
        code: 'no-pprof',
        says: 'GET …: no whole answer within 30 s',
        advice: 'Ask for the profile by hand. A middleware with a lock or a limit of requests?',
      },
      {
        happens: 'pprof answers without end',
        options: faulty('pprof-is-endless'),
        ...invalid,
        code: 'no-pprof',
        says: 'GET …: the body is over 128 MiB',
        advice: 'Set `pprof-url` to net/http/pprof itself.',
      },
      {
        happens: 'The connection is cut in the middle of an answer',
        options: faulty('pprof-is-cut'),
        ...invalid,
        code: 'no-pprof',
        says: 'GET …: the connection was cut in the middle of the answer',
        advice: 'Read the log: a write time-out of the server, or a crash of the handler?',
      },
      {
        happens: 'The heap profile is truncated',
        options: faulty('pprof-is-truncated'),
        ...invalid,
        code: 'bad-profile',
        says: 'GET …: the gzip data ends after 500 bytes, before it is complete',
        advice: 'Fetch it by hand; look at what stands between the service and heapgate.',
      },
      {
        happens: 'The heap profile is a bomb: small, and huge once inflated',
        options: faulty('pprof-is-a-bomb'),
        ...invalid,
        code: 'bad-profile',
        says: 'GET …: the profile inflates to more than 134217728 bytes, the limit for one profile',
        advice: 'Find out who answers there; net/http/pprof sends no such profile.',
      },
      {
        happens: 'The service sets the sampling rate of the memory profile itself',
        options: faulty('sets-the-rate'),
        ...pass,
        says: 'samples every 512 KiB, not every 4 KiB',
        advice: 'Nothing: totals are exact all the same. To have places exact too, don’t set it.',
      },
    ],
  },
  {
    title: 'It fails under load',
    faults: [
      {
        happens: 'The service crashes in the warm-up',
        options: faulty('crashes', '-after 10', LONG_LOAD),
        ...invalid,
        code: 'exited',
        says: 'The service exited with status 5 in warm-up.',
        also: ['lost the database'],
        advice: 'Read the end of its log.',
      },
      {
        happens: 'The service panics in round 2',
        options: faulty('panics', '-after 1050', LONG_LOAD),
        ...invalid,
        code: 'exited',
        says: 'The service exited with status 2 in round 2 of 3.',
        also: ['panic: nobody recovers this'],
        advice: 'Mend the panic: its stack is at the end of the log.',
      },
      {
        happens: 'The service is killed by SIGKILL',
        options: faulty('is-killed', '-after 550', LONG_LOAD),
        ...invalid,
        code: 'exited',
        says: 'The service was killed by SIGKILL in round 1 of 3.',
        advice: 'Nobody sent one? Then it was mostly the kernel’s OOM killer.',
      },
      {
        happens: 'The kernel’s OOM killer kills the service, in a container or control group',
        needs: 'cgroup',
        options: (place) => ({
          run: `${place.enterCgroup}; exec ${place.service} -addr ${place.address} -fault takes-memory -after 550`,
          ...LONG_LOAD,
        }),
        ...invalid,
        code: 'out-of-memory',
        says: 'The service was killed for memory by the kernel’s OOM killer in round 1 of 3.',
        advice: 'Lower `memory-guard`, so that the verdict comes before the killer.',
      },
      {
        happens: 'The service gets no more memory, as by `ulimit`',
        options: (place) => ({
          run: `ulimit -d 400000; exec ${place.service} -addr ${place.address} -fault takes-memory -after 550`,
          ...LONG_LOAD,
        }),
        ...invalid,
        code: 'out-of-memory',
        says: 'The service ran out of memory in round 1 of 3.',
        advice: 'Lower `memory-guard`, or raise the limit.',
      },
      {
        happens: 'The service hangs',
        options: ({ service, address }) => ({
          run: `echo about to hang; exec ${service} -addr ${address} -fault hangs -after 30`,
          'round-requests': '1000',
          'warmup-requests': '20',
        }),
        ...invalid,
        code: 'hung',
        says: 'The service hangs in round 1 of 3: after 10 answers there was none for 20 s.',
        also: [
          '| about to hang',
          'Where every goroutine waits is in goroutines.txt of report-dir.',
        ],
        advice:
          'Read where its goroutines wait: `goroutines.txt` in `report-dir`, if pprof still answered.',
      },
      {
        happens: 'The service answers 500 to everything',
        options: faulty('fails'),
        ...invalid,
        says: '20 of 20 requests failed (100 %): more than max-error-rate allows (1 %).',
        also: ['20 × 500'],
        advice: 'Mend `requests` or what the service needs: a load of errors measures nothing.',
      },
      {
        happens: 'The service answers 500 to 2 %',
        options: faulty('fails', '-every 50', { 'round-requests': '200' }),
        ...invalid,
        says: '… of … requests failed (2 %): more than max-error-rate allows (1 %).',
        advice: 'Mend it, or raise `max-error-rate` where errors are part of the load.',
      },
      {
        happens: 'The service answers 500 to 0.5 %',
        options: faulty('fails', '-every 200', { 'round-requests': '200' }),
        ...pass,
        says: HEADLINE_OF_PASS,
        advice: 'Nothing: it is within `max-error-rate`.',
      },
      {
        happens: 'The service closes connections without an answer',
        options: faulty('closes'),
        ...invalid,
        says: 'None of 20 requests was answered, so nothing was measured.',
        advice: 'Let `url` have the right protocol, and read the service’s log.',
      },
      {
        happens: 'The service prints without end',
        options: faulty('prints'),
        ...pass,
        says: HEADLINE_OF_PASS,
        advice: 'Nothing: `service.log` keeps the first 4 MiB and the last MiB.',
      },
    ],
  },
  {
    title: 'It does not end',
    faults: [
      {
        happens: 'The service ignores SIGTERM',
        options: faulty('ignores-sigterm', '', { 'stop-timeout': '300ms' }),
        ...pass,
        says: HEADLINE_OF_PASS,
        advice: 'Nothing: it gets SIGKILL after `stop-timeout`.',
      },
      {
        happens: 'The service starts a daemon that would outlive it',
        options: faulty('leaves-a-daemon'),
        ...pass,
        says: HEADLINE_OF_PASS,
        advice: 'Nothing: what descends from `run` is ended with it.',
      },
    ],
  },
  {
    title: 'The workflow is cancelled',
    faults: [
      {
        happens: 'In the build, which ignores SIGTERM',
        cancelledIn: 'build',
        options: () => ({ build: 'trap "" TERM; sleep 60', run: './server' }),
        ...invalid,
        code: 'cancelled',
        says: 'The run was cancelled.',
        advice: 'Nothing: whatever ran is ended, and the report says so.',
      },
      {
        happens: 'Before the service is ready',
        cancelledIn: 'boot',
        options: () => ({ run: 'sleep 60' }),
        ...invalid,
        code: 'cancelled',
        says: 'The run was cancelled.',
        advice: 'Nothing.',
      },
      {
        happens: 'In a snapshot',
        cancelledIn: 'first look',
        options: faulty('pprof-hangs'),
        ...invalid,
        code: 'cancelled',
        says: 'The run was cancelled.',
        advice: 'Nothing.',
      },
      {
        happens: 'In the load',
        cancelledIn: 'round 1 of 3',
        options: faulty('none', '', { 'warmup-requests': '1', 'round-requests': ENDLESS }),
        ...invalid,
        code: 'cancelled',
        says: 'The run was cancelled.',
        advice: 'Nothing.',
      },
      {
        happens: 'In the warm-up, of a service that ignores SIGTERM',
        cancelledIn: 'warm-up',
        options: faulty('ignores-sigterm', '', {
          'warmup-requests': ENDLESS,
          'stop-timeout': '500ms',
        }),
        ...invalid,
        code: 'cancelled',
        says: 'The run was cancelled.',
        advice: 'Nothing.',
      },
      {
        happens: 'While the report is made',
        cancelledIn: 'analysis',
        options: faulty('none'),
        ...pass,
        says: HEADLINE_OF_PASS,
        advice: 'Nothing: everything was measured, so the verdict is told all the same.',
      },
    ],
  },
]
