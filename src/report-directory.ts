import { access, constants, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UsageError } from './errors.ts'
import { DUMP_FILE } from './measure/failure.ts'
import { renderMarkdown } from './report/markdown.ts'
import { withoutSecrets } from './secrets.ts'
import type { Result } from './verdict/result.ts'

const LOGS = ['build.log', 'service.log']
const REPORT_FILES = ['result.json', 'report.md', DUMP_FILE, ...LOGS]

/**
 * Makes the report directory, and takes away what an earlier run left in it, which could be taken
 * for this one's.
 *
 * @throws UsageError when it can't be written: before the run, not after it.
 */
export async function prepareReportDirectory(reportDirectory: string): Promise<void> {
  const profiles = join(reportDirectory, 'profiles')
  try {
    await mkdir(profiles, { recursive: true })
    await Promise.all([reportDirectory, profiles].map((path) => access(path, constants.W_OK)))
    const old = (await readdir(profiles)).filter((name) => name.endsWith('.pb.gz'))
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
 * Writes result.json and report.md.
 *
 * @returns the path of result.json
 */
export async function writeReport(reportDirectory: string, result: Result): Promise<string> {
  const resultFile = join(reportDirectory, 'result.json')
  await writeFile(resultFile, `${JSON.stringify(result, null, 2)}\n`)
  await writeFile(join(reportDirectory, 'report.md'), renderMarkdown(result, Infinity))
  return resultFile
}

/**
 * Takes the secrets out of the logs: a service may print what it is asked with. The logs are a few
 * megabytes at the most.
 */
export async function maskLogs(reportDirectory: string, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0) return
  for (const name of LOGS) {
    const path = join(reportDirectory, name)
    const text = await readFile(path, 'latin1').catch(() => '')
    const masked = withoutSecrets(text, secrets)
    if (masked !== text) await writeFile(path, masked, 'latin1')
  }
}
