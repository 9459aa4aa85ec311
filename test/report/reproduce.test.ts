import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { gateCommand, pprofCommand, shellQuote } from '../../src/report/reproduce.ts'
import { HOSTILE } from '../support/hostile-texts.ts'
import { BROKEN, COMPLETE, failed } from '../support/results.ts'

/** The words that a real shell makes of a command line, without its first one. */
function wordsOf(commandLine: string, shell = '/bin/sh'): string[] {
  const script = `heapgate() { printf '%s\\0' "$@"; }\n${commandLine}\n`
  const printed = execFileSync(shell, ['-c', script], { env: {}, encoding: 'utf8' })
  return printed.split('\0').slice(0, -1)
}

const QUOTABLE = [
  ...HOSTILE.filter((text) => !text.includes('\0') && !text.includes('\ud800')),
  '',
  "it's",
  "'",
  '$HOME `id` $(id) \\ "x" !! ~ * ? {a,b} && || ; & > < #',
  '-n',
  '~root',
  'A=B',
]

describe('the command that reproduces a run', () => {
  test.each(QUOTABLE)('gives a shell the very word: %j', (word) => {
    expect(wordsOf(`heapgate ${shellQuote(word)}`)).toEqual([word])
  })

  test('leaves plain words bare', () => {
    expect(shellQuote('http://127.0.0.1:8080/a?b')).toBe("'http://127.0.0.1:8080/a?b'")
    expect(shellQuote('./cmd/server')).toBe('./cmd/server')
  })

  test('has every option of the setup, and no value of a variable', () => {
    const run = `DSN='a b' ./server -x "$HOME" | tee log`
    const words = wordsOf(
      gateCommand(
        failed({
          ignored: [
            { pattern: 'a|b', reason: 'it’s slow', stacks: 0, retained: { bytes: 0, objects: 0 } },
          ],
          measurement: {
            ...COMPLETE,
            setup: {
              ...COMPLETE.setup,
              run,
              build: 'go build -o server .',
              workingDirectory: 'services/shop’s',
              env: ['DSN', 'KEY'],
              pprofUrl: 'http://127.0.0.1:6060/debug/pprof',
              requests: [
                { method: 'GET', path: '/a?b=c&d' },
                { method: 'POST', path: '/e' },
              ],
            },
          },
        }),
      ),
    )
    expect(words).toEqual([
      'run',
      ...['--run', run, '--build', 'go build -o server .'],
      ...['--working-directory', 'services/shop’s', '--env', 'DSN=…', '--env', 'KEY=…'],
      ...['--url', 'http://127.0.0.1:8080', '--pprof-url', 'http://127.0.0.1:6060/debug/pprof'],
      ...['--requests', 'GET /a?b=c&d', '--requests', 'POST /e'],
      ...['--connections', '10', '--round-requests', '100', '--warmup-requests', '100'],
      ...['--rounds', '2', '--mem-profile-rate', '4096', '--memory-guard', '2147483648'],
      ...['--max-retained', '1048576', '--ignore', 'a|b # it’s slow'],
    ])
  })

  test('instruments again, and leaves the address of that run out', () => {
    const setup = {
      ...COMPLETE.setup,
      instrument: './cmd/a shop',
      pprofUrl: 'http://127.0.0.1:40001/debug/pprof',
    }
    const words = wordsOf(gateCommand(failed({ measurement: { ...COMPLETE, setup } })))
    expect(words.slice(0, 7)).toEqual([
      'run',
      ...['--run', './server', '--instrument', './cmd/a shop', '--url', 'http://127.0.0.1:8080'],
    ])
    expect(words).not.toContain('--pprof-url')
  })

  test('opens the first and the last profile in pprof, where there are two', () => {
    expect(pprofCommand(COMPLETE)).toBe(
      'go tool pprof -sample_index=inuse_space -diff_base profiles/baseline.pb.gz profiles/round-2.pb.gz',
    )
    expect(pprofCommand(BROKEN)).toBeUndefined()
    const baseline = { ...COMPLETE.baseline, profile: '$(id)' }
    expect(pprofCommand({ ...COMPLETE, baseline })).toContain(" '$(id)' ")
  })
})
