import { describe, expect, test } from '@jest/globals'
import { UsageError } from '../../src/errors.ts'
import { conflictsOf } from '../../src/options/conflicts.ts'
import { readOptions } from '../../src/options/read.ts'
import { GATE_OPTIONS, type GateOptions } from '../../src/options/table.ts'

const read = (given: Readonly<Record<string, string>>): GateOptions =>
  readOptions(GATE_OPTIONS, (name) => given[name], conflictsOf)

const mistakesOf = (given: Readonly<Record<string, string>>): readonly string[] => {
  try {
    read(given)
  } catch (error) {
    if (error instanceof UsageError) return error.mistakes
    throw error
  }
  return []
}

describe('readOptions', () => {
  test('gives defaults as bytes, milliseconds and lists', () => {
    const options = read({ run: './server' })
    expect(options['max-retained']).toBe(1_048_576)
    expect(options['ready-timeout']).toBe(60_000)
    expect(options['max-error-rate']).toBe(0.01)
    expect(options.requests).toEqual([{ method: 'GET', path: '/' }])
    expect(options.build).toBeUndefined()
  })

  test('takes the empty text for nothing, as an input of an action is', () => {
    expect(read({ run: './server', rounds: '', build: ' ' })).toEqual(read({ run: './server' }))
  })

  test('reads lists a line each and passes over blank lines', () => {
    const options = read({ run: 'x', requests: 'GET /a\n\n post /b?c=d\n/e\n', env: 'A=1\nB=x=y' })
    expect(options.requests).toEqual([
      { method: 'GET', path: '/a' },
      { method: 'POST', path: '/b?c=d' },
      { method: 'GET', path: '/e' },
    ])
    expect(options.env).toEqual([
      ['A', '1'],
      ['B', 'x=y'],
    ])
  })

  test('needs no command of a service that runs already, and starts nothing beside it', () => {
    expect(read({ 'pprof-url': 'http://a:1/debug/pprof' }).run).toBeUndefined()
    expect(
      mistakesOf({ 'pprof-url': 'http://a:1/debug/pprof', build: 'make', 'ready-pattern': 'up' }),
    ).toEqual([
      'build: given without run: heapgate starts nothing then',
      'ready-pattern: given without run: heapgate starts nothing then',
    ])
  })

  test('tells nothing of a value that may be secret', () => {
    expect(
      mistakesOf({ run: 'x', env: 'A=1\npassword', 'pprof-headers': 'Authorization hunter2' }),
    ).toEqual([
      'env: expected KEY=VALUE, one a line (line 2)',
      'pprof-headers: expected "Name: value", one a line, in printable ASCII (line 1)',
    ])
  })

  test('refuses a header that is given twice, whatever its case', () => {
    expect(mistakesOf({ run: 'x', 'pprof-headers': 'X-Key: a\nA: b\nx-key: c' })).toEqual([
      'pprof-headers: expected each header once (x-key is given twice)',
    ])
  })

  test('refuses an address with a password to ask until the service is ready', () => {
    expect(mistakesOf({ run: 'x', 'ready-url': 'http://u:p@a:1/healthz' })).toEqual([
      expect.stringContaining('without password'),
    ])
  })

  test('reads headers with any value that can be sent, and no other', () => {
    const headers = 'Authorization: Bearer a:b=\nX-Key:  k'
    expect(read({ run: 'x', 'pprof-headers': headers })['pprof-headers']).toEqual([
      ['Authorization', 'Bearer a:b='],
      ['X-Key', 'k'],
    ])
    expect(mistakesOf({ run: 'x', 'pprof-headers': 'X-Key: \u00e9' })).toHaveLength(1)
    expect(mistakesOf({ run: 'x', 'ready-pattern': '(' })).toEqual([
      'ready-pattern: "(": expected a regular expression such as "listening on"',
    ])
  })

  test('takes the slash from an address that paths are put behind, and from no other', () => {
    const options = read({
      run: 'x',
      url: 'http://[::1]:8080/api/',
      'pprof-url': 'http://localhost:6060/',
      'ready-url': 'http://localhost:6060/healthz/?full=1',
    })
    expect(options.url).toBe('http://[::1]:8080/api')
    expect(options['pprof-url']).toBe('http://localhost:6060')
    expect(options['ready-url']).toBe('http://localhost:6060/healthz/?full=1')
  })

  test.each(['http://a:1/?x=1', 'http://a:1/#b', 'http://u:p@a:1', 'ftp://a:1', 'a:1', ':80'])(
    'refuses %s as the address of the service',
    (url) => {
      expect(mistakesOf({ run: 'x', url })).toHaveLength(1)
    },
  )

  test.each(['./cmd/server', '.', 'cmd/server', 'example.com/shop/cmd/server'])(
    'takes %s for a package to instrument',
    (instrument) => {
      expect(read({ run: 'x', instrument }).instrument).toBe(instrument)
    },
  )

  test.each(['./...', './a ./b', './cmd/server/main.go', '-tags=x'])(
    'refuses %s as the one package to instrument',
    (instrument) => {
      expect(mistakesOf({ run: 'x', instrument })).toEqual([
        `instrument: ${JSON.stringify(instrument)}: expected one package main, such as ./cmd/server`,
      ])
    },
  )

  test('tells what is mistaken together beside what is mistaken alone', () => {
    expect(mistakesOf({ instrument: '.', 'pprof-url': 'http://a:1', rounds: '0' })).toEqual([
      'run: missing: the command line that starts the service; or give url and pprof-url of one that runs already',
      'pprof-url: not with instrument, which serves pprof at an address of its own',
      'rounds: "0": expected a whole number of at least 1',
    ])
    expect(mistakesOf({ run: 'x', instrument: '.', 'pprof-url': ' ' })).toEqual([])
  })

  test('tells every mistake at once, with its name, what was given and what is accepted', () => {
    expect(
      mistakesOf({
        'max-retained': '1 megabyte',
        url: 'localhost',
        rounds: '0',
        'max-error-rate': '200%',
        requests: 'GET /ok\nFETCH /x',
        'ready-timeout': '10',
      }),
    ).toEqual(
      [
        'run: missing: the command line that starts the service; or give url and pprof-url of one that runs already',
        'url: "localhost": expected an address such as http://127.0.0.1:8080, without query or password',
        'ready-timeout: "10": expected a time such as 500ms, 10s or 2m, at most 24 days',
        'requests: "GET /ok\\nFETCH /x": expected METHOD /path, one a line, such as "GET /items?page=2" (line 2: "FETCH /x")',
        'rounds: "0": expected a whole number of at least 1',
        'max-error-rate: "200%": expected a share such as 1% or 0.01',
        'max-retained: "1 megabyte": expected a size such as 512KiB or 2MB',
      ].sort(byTableOrder),
    )
  })
})

function byTableOrder(a: string, b: string): number {
  const names = Object.keys(GATE_OPTIONS)
  const place = (mistake: string): number => names.indexOf(mistake.slice(0, mistake.indexOf(':')))
  return place(a) - place(b)
}
