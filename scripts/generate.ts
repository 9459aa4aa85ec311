/**
 * Writes what is made from the options table, the result's schema and the matrix of faults:
 * action.yml, the table in the README, schema/result.schema.json and docs/failures.md. With `--check` it writes nothing and fails on a drift.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actionYaml } from '../src/options/action-yaml.ts'
import { optionTableMarkdown } from '../src/options/help.ts'
import { ACTION_OPTIONS } from '../src/options/table.ts'
import { resultJsonSchema } from '../src/verdict/result-json-schema.ts'
import { FAULT_MATRIX } from '../test/e2e/fault-matrix.ts'
import { failuresPage } from './failures-page.ts'

declare const PROJECT_ROOT: string

const README_START = '<!-- options: written by npm run generate -->'
const README_END = '<!-- /options -->'

const current = (file: string): string => {
  try {
    return readFileSync(join(PROJECT_ROOT, file), 'utf8')
  } catch {
    return ''
  }
}

function readme(): string {
  const text = current('README.md')
  const start = text.indexOf(README_START)
  const end = text.indexOf(README_END)
  if (start < 0 || end < start) throw new Error(`README.md lacks ${README_START} … ${README_END}`)
  const table = optionTableMarkdown(ACTION_OPTIONS)
  return `${text.slice(0, start)}${README_START}\n\n${table}\n\n${text.slice(end)}`
}

const files: readonly (readonly [file: string, content: string])[] = [
  ['action.yml', actionYaml()],
  ['README.md', readme()],
  ['schema/result.schema.json', `${JSON.stringify(resultJsonSchema(), null, 2)}\n`],
  ['docs/failures.md', failuresPage(FAULT_MATRIX)],
]

const drifted = files.filter(([file, content]) => current(file) !== content)
if (process.argv.includes('--check')) {
  for (const [file] of drifted) console.error(`${file} is not what npm run generate writes`)
  process.exitCode = drifted.length > 0 ? 1 : 0
} else {
  for (const [file, content] of drifted) {
    writeFileSync(join(PROJECT_ROOT, file), content)
    console.log(`${file} written`)
  }
}
