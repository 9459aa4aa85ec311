import { describe, expect, test } from '@jest/globals'
import { secretParts, withoutSecrets } from '../src/secrets.ts'

describe('secrets', () => {
  test('are taken out of a text, all of them, whole before part', () => {
    const secrets = ['Bearer abcd-1234', 'abcd']
    expect(withoutSecrets('got Bearer abcd-1234, abcd-1234 and abcd', secrets)).toBe(
      'got ***, *** and ***',
    )
  })

  test('that would be in any word are left', () => {
    expect(withoutSecrets('1 + 1', ['1', ''])).toBe('1 + 1')
  })

  test('have a part behind their scheme', () => {
    expect(secretParts(['Basic dXNlcjpwYXNz'])).toEqual(['Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'])
    expect(secretParts(['plain-key'])).toEqual(['plain-key'])
  })
})
