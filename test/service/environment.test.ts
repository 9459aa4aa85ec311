import { describe, expect, test } from '@jest/globals'
import { buildEnvironment, serviceEnvironment } from '../../src/service/environment.ts'

const inherited = {
  PATH: '/bin',
  CI: 'true',
  'INPUT_GITHUB-TOKEN': 's3cret',
  INPUT_RUN: './server',
  GITHUB_TOKEN: 's3cret',
  GITHUB_OUTPUT: '/tmp/out',
  ACTIONS_RUNTIME_TOKEN: 'x',
  RUNNER_TEMP: '/tmp',
  STATE_x: 'y',
  GH_TOKEN: 'other',
  MY_COPY: 's3cret',
  EMPTY: '',
}

describe('the environment of the service', () => {
  test('has neither inputs, nor the runner’s variables, nor the token under any name', () => {
    expect(buildEnvironment({ inherited, tokens: ['s3cret', ''], headers: [], given: [] })).toEqual(
      {
        PATH: '/bin',
        CI: 'true',
        EMPTY: '',
      },
    )
  })

  test('loses what a header tells only where that is long enough to be a secret', () => {
    const headers = ['true', 'hunter2-hunter2']
    const ours = { CI: 'true', KEY: 'hunter2-hunter2' }
    expect(buildEnvironment({ inherited: ours, tokens: [], headers, given: [] })).toEqual({
      CI: 'true',
    })
  })

  test('has what the user sets, even under a name that would be left out', () => {
    const given = [['GITHUB_REPOSITORY', 'a/b'] as const, ['PATH', '/usr/bin'] as const]
    expect(
      buildEnvironment({ inherited: { PATH: '/bin' }, tokens: [], headers: [], given }),
    ).toEqual({
      PATH: '/usr/bin',
      GITHUB_REPOSITORY: 'a/b',
    })
  })

  test('asks for the sampling rate behind the user’s own GODEBUG', () => {
    const sources = { inherited: {}, tokens: [], headers: [] }
    expect(serviceEnvironment({ ...sources, given: [] }, 512)['GODEBUG']).toBe('memprofilerate=512')
    expect(
      serviceEnvironment({ ...sources, given: [['GODEBUG', 'http2client=0']] }, 1)['GODEBUG'],
    ).toBe('http2client=0,memprofilerate=1')
  })
})
