import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { OUTPUTS } from '../../src/options/action-yaml.ts'
import { ACTION_OPTIONS } from '../../src/options/table.ts'

test('action.yml, the README’s table and the schema are what the code generates', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['scripts/run-ts.mjs', 'scripts/generate.ts', '--check'],
    { encoding: 'utf8' },
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('action.yml is YAML with every option as an input and every output described', async () => {
  const action = parse(await readFile('action.yml', 'utf8')) as {
    inputs: Record<string, { description: string; default?: string }>
    outputs: Record<string, { description: string }>
    runs: unknown
  }
  expect(Object.keys(action.inputs)).toEqual(Object.keys(ACTION_OPTIONS))
  expect(action.inputs['max-retained']?.default).toBe('1MiB')
  expect(Object.keys(action.outputs)).toEqual(Object.keys(OUTPUTS))
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
})
