import type { Option } from './option.ts'
import { ACTION_OPTIONS } from './table.ts'

/** The outputs of the action, by name. */
export const OUTPUTS = {
  verdict: 'pass, warn, fail or invalid',
  'retained-bytes': 'Bytes that the measured load left in the heap; empty when invalid',
  'retained-bytes-per-request': 'The same for each answered request; empty when invalid',
  'goroutine-growth': 'Goroutines gained over the measured load; empty when invalid',
  'report-dir': 'The directory with result.json, report.md, the profiles and the service’s log',
  'result-json': 'The path of result.json',
  'comment-body': 'The report as Markdown, as it is put into the comment',
  'comment-url': 'The address of the comment; empty when there is none',
} as const

/** The text of action.yml, made from the options table. */
export function actionYaml(): string {
  return [
    '# Written by `npm run generate` from src/options/: edit there.',
    'name: heapgate',
    'description: Fails the pull request that makes a Go service keep memory, and names the line.',
    'author: the heapgate authors',
    'branding:',
    '  icon: trending-up',
    '  color: red',
    'inputs:',
    ...Object.entries<Option<unknown>>(ACTION_OPTIONS).flatMap(inputLines),
    'outputs:',
    ...Object.entries(OUTPUTS).flatMap(([name, description]) => [
      `  ${name}:`,
      `    description: ${quoted(description)}`,
    ]),
    'runs:',
    '  using: node24',
    '  main: dist/index.js',
    '',
  ].join('\n')
}

function inputLines([name, option]: readonly [string, Option<unknown>]): string[] {
  const note = option.default === undefined && option.defaultNote !== undefined
  const description = `${option.summary}${note ? ` (default: ${option.defaultNote})` : ''}`
  return [
    `  ${name}:`,
    `    description: ${quoted(description)}`,
    `    required: ${String(option.required ?? false)}`,
    ...(option.default === undefined ? [] : [`    default: ${quoted(option.default)}`]),
  ]
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
