import { describe, expect, test } from '@jest/globals'
import { renderTerminal } from '../../src/report/terminal.ts'
import { HOSTILE } from '../support/hostile-texts.ts'
import { commandsIn } from '../support/runner-commands.ts'
import { BROKEN, COMPLETE, failed, invalid, place } from '../support/results.ts'

describe('the report for a terminal', () => {
  test.each(HOSTILE)(
    'holds neither a control character but line breaks and tabs, nor a command: %j',
    (text) => {
      const texts = [
        failed({
          reason: text,
          notes: [text],
          growth: [
            place({ function: text, path: text, source: { firstLine: 12, lines: [text, text] } }),
          ],
          measurement: { ...COMPLETE, setup: { ...COMPLETE.setup, run: text } },
        }),
        invalid({
          reason: text,
          hint: text,
          measurement: { ...BROKEN, failure: { ...BROKEN.failure, log: text } },
        }),
      ].map(renderTerminal)
      for (const rendered of texts) {
        expect(commandsIn(rendered)).toEqual([])
        // eslint-disable-next-line no-control-regex -- control characters are what must not be there
        expect(rendered).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u202a-\u202e]/)
      }
    },
  )

  test('tells the verdict, the budgets, the places, the rounds and what ran', () => {
    const source = { firstLine: 11, lines: ['func handle() {', '\tkeep(make([]byte, 10))', '}'] }
    const text = renderTerminal(failed({ growth: [place({ source })] }))
    expect(text).toMatch(/^❌ FAIL: the service keeps memory\n\nThe service kept 1\.91 MiB/)
    expect(text).toMatch(/^max-retained {2}1 MiB {2}1\.91 MiB {2}over: it goes on$/m)
    expect(text).toMatch(
      /^\+1\.91 MiB {4}19\.5 KiB {5}9\.77 KiB {2}200 \(1 per request\) .* main\.handle main\.go:12$/m,
    )
    expect(text).toContain(
      'main.go:12\n  11 | func handle() {\n> 12 |     keep(make([]byte, 10))\n  13 | }\n',
    )
    expect(text).toMatch(/^ +2 +100 +\+977 KiB/m)
    expect(text).toMatch(/^Service +\.\/server$/m)
    expect(text).toContain('-diff_base profiles/baseline.pb.gz profiles/round-2.pb.gz')
  })

  test('shows the end of the output of a broken run, set apart from its own words', () => {
    const failure = { ...BROKEN.failure, log: 'one\nPASS: all is well' }
    const text = renderTerminal(invalid({ measurement: { ...BROKEN, failure } }))
    expect(text).toContain('The end of its output:\n  | one\n  | PASS: all is well\n')
  })

  test('shows a place of 10,000 characters in one line of a readable length', () => {
    const text = renderTerminal(failed({ growth: [place({ function: 'f'.repeat(10_000) })] }))
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(500)
  })
})
