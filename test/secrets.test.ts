import { describe, expect, test } from '@jest/globals'
import { RESULT_SCHEMA } from '../src/verdict/result.ts'
import { secretParts, withoutSecrets, withoutSecretsIn } from '../src/secrets.ts'

describe('secrets', () => {
  test('are taken out of a text, all of them, whole before part', () => {
    const secrets = ['Bearer abcd-1234', 'abcd']
    expect(withoutSecrets('got Bearer abcd-1234, abcd-1234 and abcd', secrets)).toBe(
      'got ***, *** and ***',
    )
  })

  test('are taken out where a text was cut in the middle of them', () => {
    const secrets = ['Bearer abcdefghijkl']
    expect(withoutSecrets('a Bearer abcde…\nabcdefghi… abcdefg… abcdefgh', secrets)).toBe(
      'a ***…\n***… abcdefg… abcdefgh',
    )
  })

  test('that would be in any word are left', () => {
    expect(withoutSecrets('1 + 1', ['1', ''])).toBe('1 + 1')
  })

  test('are taken out of every text of the data, and its keys stay', () => {
    const data = { key1: ['a key1 b', { rate: 1, none: null }], run: './server -k key1' }
    expect(withoutSecretsIn(data, ['key1'])).toEqual({
      key1: ['a *** b', { rate: 1, none: null }],
      run: './server -k ***',
    })
  })

  test('that are words of ours change no verdict, no method and no schema', () => {
    const data = {
      ...{ schema: RESULT_SCHEMA, verdict: 'pass', method: 'POST' },
      run: './server -mode pass POST',
    }
    expect(withoutSecretsIn(data, ['pass', 'POST', 'heapgate'])).toEqual({
      ...data,
      run: './server -mode *** ***',
    })
  })

  test('have a part behind their scheme', () => {
    expect(secretParts(['Basic dXNlcjpwYXNz'])).toEqual(['Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'])
    expect(secretParts(['plain-key'])).toEqual(['plain-key'])
  })
})
