import { access, constants, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UsageError } from './errors.ts'
import { DUMP_FILE } from './measure/failure.ts'
import { renderMarkdown } from './report/markdown.ts'
import { withoutSecrets } from './secrets.ts'
import { orUnwritable, writeReportFile } from './unwritable-report.ts'
import type { Result } from './verdict/result.ts'

/** What the service and its build can write into. */
const LOGS = ['build.log', 'service.log', DUMP_FILE]
const REPORT_FILES = ['result.json', 'report.md', ...LOGS]

/** What the profiles of a run are called; other files in `profiles` are not ours. */
const PROFILE_FILE = /^(before-warmup|baseline|round-\d+|cool-down)(-\d+)?(\.goroutine)?\.pb\.gz$/

/**
 * Makes the report directory, and takes away what an earlier run left in it, which could be taken
 * for this one's.
 *
 * @param places where the user's own files are: the working directory, the repository
 * @throws UsageError when it is one of these or can't be written: before the run, not after it.
 */
export async function prepareReportDirectory(
  reportDirectory: string,
  places: readonly string[],
): Promise<void> {
  if (places.includes(reportDirectory)) {
    throw new UsageError(
      [`report-dir: ${reportDirectory}: files of yours are there, which the report could replace`],
      'The report needs a directory of its own, such as heapgate-report.',
    )
  }
  const profiles = profilesIn(reportDirectory)
  try {
    await mkdir(profiles, { recursive: true })
    await Promise.all([reportDirectory, profiles].map((path) => access(path, constants.W_OK)))
    const old = (await readdir(profiles)).filter((name) => PROFILE_FILE.test(name))
    const paths = [...REPORT_FILES, ...old.map((name) => join('profiles', name))]
    await Promise.all(paths.map((path) => rm(join(reportDirectory, path), { force: true })))
  } catch (error) {
    throw new UsageError(
      [`report-dir: ${reportDirectory}: ${messageOf(error)}`],
      'The report needs a directory that can be made and written.',
    )
  }
}

/**
 * Makes the report directory again: a build may have taken it away, as `git clean` does.
 *
 * @throws UnwritableReport when it can't.
 */
export async function keepReportDirectory(reportDirectory: string): Promise<void> {
  await orUnwritable(reportDirectory, mkdir(profilesIn(reportDirectory), { recursive: true }))
}

/** Where the profiles of a run go. */
export const profilesIn = (reportDirectory: string): string => join(reportDirectory, 'profiles')

/**
 * Writes result.json and report.md.
 *
 * @throws UnwritableReport when it can't.
 * @returns the path of result.json
 */
export async function writeReport(reportDirectory: string, result: Result): Promise<string> {
  const data = `${JSON.stringify(result, null, 2)}\n`
  const report = renderMarkdown(result, Infinity)
  await keepReportDirectory(reportDirectory)
  await writeReportFile(reportDirectory, 'result.json', data)
  await writeReportFile(reportDirectory, 'report.md', report)
  return join(reportDirectory, 'result.json')
}

/**
 * Takes the secrets out of the logs: a service may print what it is asked with. The logs are a few
 * megabytes at the most.
 *
 * @throws UnwritableReport when it can't.
 */
export async function maskLogs(reportDirectory: string, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0) return
  for (const name of LOGS) {
    const text = await readFile(join(reportDirectory, name), 'latin1').catch(() => '')
    const masked = withoutSecrets(text, secrets)
    if (masked !== text) await writeReportFile(reportDirectory, name, masked, 'latin1')
  }
}
