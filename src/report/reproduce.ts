import type { Measurement } from '../verdict/measurement.ts'
import type { Result } from '../verdict/result.ts'

/** The command line that runs the same gate in a terminal, quoted for a shell. */
export function gateCommand({ measurement, budgets, ignored }: Result): string {
  const { setup } = measurement
  const flags: [name: string, value: string | undefined][] = [
    ['run', setup.run],
    ['build', setup.build],
    ['working-directory', setup.workingDirectory === '.' ? undefined : setup.workingDirectory],
    ...setup.env.map((name): [string, string] => ['env', `${name}=…`]),
    ['url', setup.url],
    ['pprof-url', setup.pprofUrl === `${setup.url}/debug/pprof` ? undefined : setup.pprofUrl],
    ...setup.pprofHeaders.map((name): [string, string] => ['pprof-headers', `${name}: …`]),
    ...setup.requests.map(({ method, path }): [string, string] => [
      'requests',
      `${method} ${path}`,
    ]),
    ['connections', setup.connections.toString()],
    ['round-requests', setup.roundRequests.toString()],
    ['warmup-requests', setup.warmupRequests.toString()],
    ['rounds', setup.rounds.toString()],
    ['mem-profile-rate', setup.memProfileRate.toString()],
    ['memory-guard', setup.memoryGuard.toString()],
    ...budgets.map(({ name, limit }): [string, string] => [name, limit.toString()]),
    ...ignored.map(({ pattern, reason }): [string, string] => [
      'ignore',
      reason === undefined ? pattern : `${pattern} # ${reason}`,
    ]),
  ]
  const given = flags.flatMap(([name, value]) =>
    value === undefined ? [] : [`  --${name} ${shellQuote(value)}`],
  )
  return ['heapgate run', ...given].join(' \\\n')
}

/** The command line that opens the growth in pprof, from the report directory. */
export function pprofCommand(measurement: Measurement): string | undefined {
  const base = measurement.baseline?.profile
  const last = measurement.rounds.at(-1)?.snapshot.profile
  return base === undefined || last === undefined
    ? undefined
    : `go tool pprof -sample_index=inuse_space -diff_base ${shellQuote(base)} ${shellQuote(last)}`
}

/** A word for a POSIX shell, bare where it needs no quotes. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
