import { PPROF_LIMITS } from '../src/snapshot/pprof-endpoint.ts'
import { formatBytes } from '../src/units/bytes.ts'
import { formatDuration } from '../src/units/duration.ts'
import type { Fault, FaultGroup } from '../test/e2e/fault-matrix.ts'

const INTRODUCTION = `# When a run goes wrong

A run that can’t be judged is \`invalid\`, with exit status 3: never a pass. The first line of the
report says why, the second what to do, and the end of the service’s log is below it. All of the log
is in \`service.log\` in \`report-dir\`, that of the build in \`build.log\`.

Whatever happens, nothing is left behind: no process, no port, no temporary file, and no changed file
in the repository. Each row of these tables is provoked with real processes in CI
(\`test/e2e/faults.test.ts\`), which also checks that. \`…\` stands for what differs from run to run;
a status or a time is that of the example.
`

const { timeoutMs, maxProfileBytes, maxTextBytes } = PPROF_LIMITS

const PPROF = `## What pprof may answer

The code of a pull request decides what it answers, so an answer has limits:
${formatDuration(timeoutMs)} from the connection to the last byte, ${formatBytes(maxProfileBytes)} for a profile, both as it is sent and once
it is inflated, and ${formatBytes(maxTextBytes)} for the heap profile as text. No redirect is followed: it could lead to
another host, or lose the query that forces a collection. No content encoding is asked for, and none
is taken.
`

/** docs/failures.md: the matrix of faults as tables for users. */
export function failuresPage(matrix: readonly FaultGroup[]): string {
  const groups = matrix.map(({ title, faults }) => `## ${title}\n\n${table(faults)}\n`)
  return ['<!-- written by npm run generate -->\n', INTRODUCTION, ...groups, PPROF].join('\n')
}

function table(faults: readonly Fault[]): string {
  const rows = faults.map(({ happens, says, verdict, status, advice }) => [
    happens,
    `\`${says}\``,
    `${verdict}, ${status.toString()}`,
    advice,
  ])
  const header = ['What happened', 'What heapgate says', 'Verdict, exit status', 'What to do']
  return [header, header.map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}
