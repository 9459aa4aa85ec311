import type { Option, OptionValues } from './option.ts'
import {
  baseUrl,
  count,
  duration,
  environmentVariable,
  headers,
  httpUrl,
  ignorePattern,
  linesOf,
  mainPackage,
  oneOf,
  pattern,
  ratio,
  requestLine,
  secretLinesOf,
  share,
  size,
  text,
} from './parsers.ts'

const option = <const O extends Option<unknown>>(given: O): O => given

/*
 * Every option, once. The action's inputs, the terminal's flags, the help text and the README's
 * table are made from these tables.
 */

/** How a run is measured. */
const MEASURE_OPTIONS = {
  run: option({
    parse: text,
    placeholder: 'COMMAND',
    summary: 'Command line that starts the service',
    defaultNote: 'none: the service runs already, at `url` and `pprof-url`',
  }),
  build: option({
    parse: text,
    placeholder: 'COMMAND',
    summary: 'Command line run once before it, in `working-directory`',
  }),
  instrument: option({
    parse: mainPackage,
    placeholder: 'PACKAGE',
    summary: 'Package main to compile pprof into, for this run alone, such as `./cmd/server`',
  }),
  'working-directory': option({
    parse: text,
    placeholder: 'DIR',
    summary: 'Where `build` and `run` are run',
    default: '.',
  }),
  env: option({
    parse: secretLinesOf(environmentVariable),
    placeholder: 'KEY=VALUE',
    summary: 'Variables for the service, one a line',
    multiline: true,
    secret: true,
  }),
  url: option({
    parse: baseUrl,
    placeholder: 'URL',
    summary: 'Where the service answers',
    default: 'http://127.0.0.1:8080',
  }),
  'pprof-url': option({
    parse: baseUrl,
    placeholder: 'URL',
    summary: 'Where the service serves net/http/pprof',
    defaultNote: '`<url>/debug/pprof`',
  }),
  'pprof-headers': option({
    parse: headers,
    placeholder: 'NAME: VALUE',
    summary: 'Headers that net/http/pprof needs to answer, one a line; the values are kept secret',
    multiline: true,
    secret: true,
  }),
  'ready-url': option({
    parse: httpUrl,
    placeholder: 'URL',
    summary: 'Asked again and again until it answers 2xx',
    defaultNote: 'the index at `pprof-url`, where there is no `ready-pattern`',
  }),
  'ready-pattern': option({
    parse: pattern,
    placeholder: 'PATTERN',
    summary: 'Regular expression of a line that the service prints when it is ready',
  }),
  'ready-timeout': option({
    parse: duration,
    placeholder: 'TIME',
    summary: 'How long the service may take to be ready',
    default: '60s',
  }),
  'stop-timeout': option({
    parse: duration,
    placeholder: 'TIME',
    summary: 'How long it may take to end after SIGTERM, before SIGKILL',
    default: '10s',
  }),
  'mem-profile-rate': option({
    parse: count(1),
    placeholder: 'BYTES',
    summary: 'Bytes allocated per heap sample, set through GODEBUG; 1 is exact and slow',
    default: '4096',
  }),
  requests: option({
    parse: linesOf(requestLine),
    placeholder: 'METHOD /PATH',
    summary: 'The requests of the load, one a line, sent in turn',
    default: 'GET /',
    multiline: true,
  }),
  connections: option({
    parse: count(1),
    placeholder: 'N',
    summary: 'Connections that send requests at the same time',
    default: '10',
  }),
  'round-requests': option({
    parse: count(1),
    placeholder: 'N',
    summary: 'Requests in a round',
    default: '2000',
  }),
  rounds: option({
    parse: count(1),
    placeholder: 'N',
    summary: 'Measured rounds; fewer when the answer is clear, more while it is not',
    default: '5',
  }),
  'max-rounds': option({
    parse: count(1),
    placeholder: 'N',
    summary: 'The most rounds there may be while the answer is unclear',
    default: '10',
  }),
  'warmup-requests': option({
    parse: count(0),
    placeholder: 'N',
    summary: 'Requests before the first snapshot, not measured',
    defaultNote: '`round-requests`',
  }),
  'max-error-rate': option({
    parse: share,
    placeholder: 'SHARE',
    summary: 'Share of the requests that may fail before the run is invalid',
    default: '1%',
  }),
  'memory-guard': option({
    parse: size,
    placeholder: 'SIZE',
    summary:
      'Resident memory at which the load stops early and the verdict is given; less where the machine or its control group has less',
    default: '2GiB',
  }),
  'cool-down': option({
    parse: duration,
    placeholder: 'TIME',
    summary: 'Wait without load before a fail, twice at most, to see what drains by itself',
    default: '10s',
  }),
  'report-dir': option({
    parse: text,
    placeholder: 'DIR',
    summary: 'Where result.json, report.md, the profiles and the service’s log go',
    default: 'heapgate-report',
  }),
} as const

/** What a measurement is judged by, at once or later. */
export const BUDGET_OPTIONS = {
  'max-retained': option({
    parse: size,
    placeholder: 'SIZE',
    summary: 'Budget: bytes retained over the whole measured load',
    default: '1MiB',
  }),
  'max-retained-per-request': option({
    parse: size,
    placeholder: 'SIZE',
    summary: 'Budget: bytes retained per request',
  }),
  'max-retained-objects-per-request': option({
    parse: ratio,
    placeholder: 'N',
    summary: 'Budget: objects retained per request, such as 0.5',
  }),
  'max-goroutine-growth': option({
    parse: count(0),
    placeholder: 'N',
    summary: 'Budget: goroutines gained over the whole measured load',
  }),
  'max-leaked-goroutines': option({
    parse: count(0),
    placeholder: 'N',
    summary: 'Budget: goroutines gained that the runtime proves leaked (Go 1.27 and newer)',
  }),
  'max-rss-growth': option({
    parse: size,
    placeholder: 'SIZE',
    summary: 'Budget: growth of resident memory, also outside the Go heap',
  }),
  'warn-at': option({
    parse: share,
    placeholder: 'SHARE',
    summary: 'Share of a budget from which the verdict is `warn`',
    default: '80%',
  }),
  plateau: option({
    parse: oneOf('pass', 'warn', 'fail'),
    placeholder: 'VERDICT',
    summary: 'Verdict on growth over a budget that had stopped, or went away by itself',
    default: 'warn',
  }),
  ignore: option({
    parse: linesOf(ignorePattern),
    placeholder: 'PATTERN',
    summary:
      'Regular expressions, one a line, of functions whose stacks don’t count; the text after ` #` is the reason',
    multiline: true,
  }),
} as const

/** All that the gate needs, in a terminal as on GitHub. */
export const GATE_OPTIONS = { ...MEASURE_OPTIONS, ...BUDGET_OPTIONS }

/** What GitHub alone has a use for; the terminal does not offer these. */
export const GITHUB_OPTIONS = {
  comment: option({
    parse: oneOf('always', 'on-change', 'on-fail', 'never'),
    placeholder: 'WHEN',
    summary:
      'When to comment on the pull request; an existing comment is kept current unless `never`',
    default: 'on-change',
  }),
  'comment-key': option({
    parse: text,
    placeholder: 'KEY',
    summary: 'Which comment this run owns: one comment per key',
    default: '${{ github.job }} ${{ toJson(matrix) }}',
    defaultNote: 'job and matrix',
  }),
  'github-token': option({
    parse: text,
    placeholder: 'TOKEN',
    summary: 'Token that writes the comment; it needs `pull-requests: write`',
    default: '${{ github.token }}',
  }),
} as const

/** All of them: the inputs of the action. */
export const ACTION_OPTIONS = { ...GATE_OPTIONS, ...GITHUB_OPTIONS }

/** The parsed budgets. */
export type BudgetOptions = OptionValues<typeof BUDGET_OPTIONS>

/** The parsed options of one run: bytes and milliseconds are numbers, lists are arrays. */
export type GateOptions = OptionValues<typeof GATE_OPTIONS>

/** How a run is published on GitHub. */
export type GitHubOptions = OptionValues<typeof GITHUB_OPTIONS>
