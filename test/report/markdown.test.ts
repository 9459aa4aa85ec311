import { describe, expect, test } from '@jest/globals'
import { renderMarkdown } from '../../src/report/markdown.ts'
import type { Result } from '../../src/verdict/result.ts'
import { HOSTILE } from '../support/hostile-texts.ts'
import { commandsIn } from '../support/runner-commands.ts'
import { BROKEN, COMPLETE, failed, invalid, place } from '../support/results.ts'

const render = (result: Result): string => renderMarkdown(result, Infinity)

/** What is left of a report without its code blocks and the tags that the renderer itself writes. */
function withoutOwnMarkup(markdown: string): string {
  return markdown
    .replace(/^(`{3,})\w*\n[\s\S]*?\n\1$/gm, '')
    .replace(/<\/?(?:code|details|summary)>|<br>|<a href="[^"<>]*">|<\/a>/g, '')
}

/** The words of a report as they are shown: where GitHub looks for mentions and references. */
function shownProse(markdown: string): string {
  return withoutOwnMarkup(markdown.replace(/<code>[^<]*<\/code>/g, '')).replace(
    /&#(\d+);/g,
    (_, code) => String.fromCharCode(Number(code)),
  )
}

/** A result with `text` wherever a pull request can put one. */
function poisoned(text: string): Result {
  const setup = {
    ...COMPLETE.setup,
    run: text,
    build: text,
    requests: [{ method: text, path: text }],
  }
  return failed({
    reason: `The service kept it: ${text}`,
    notes: [text],
    growth: [
      place({ function: text, file: text, path: text, allocatedIn: text }),
      place({ function: text, source: { firstLine: 11, lines: ['{', text, '}'] } }),
    ],
    origin: { server: 'https://github.com', repository: 'o/r', commit: text },
    measurement: {
      ...COMPLETE,
      setup,
      platform: { ...COMPLETE.platform, goVersion: text },
    },
  })
}

describe('the report as Markdown', () => {
  test.each(HOSTILE)('lets no text of a pull request be markup: %j', (text) => {
    const rest = withoutOwnMarkup(render(poisoned(text)))
    expect(rest).not.toMatch(/[<]/)
    expect(rest).not.toMatch(/`/)
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(rest).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(rest).not.toMatch(/[$~]|:\/\/|\bwww\.|\]\(/i)
    expect(shownProse(render(poisoned(text)))).not.toMatch(/@\w|#\d|\bGH-\d/)
  })

  test.each(HOSTILE)('holds no command to the runner of a workflow: %j', (text) => {
    const failure = { ...BROKEN.failure, log: text }
    const broken = invalid({ reason: text, hint: text, measurement: { ...BROKEN, failure } })
    for (const result of [poisoned(text), broken]) expect(commandsIn(render(result))).toEqual([])
  })

  test.each(HOSTILE)('keeps the shape of its tables whatever stands in them: %j', (text) => {
    const rows = render(poisoned(text))
      .split('\n')
      .filter((line) => line.startsWith('|'))
    const columns = rows.map((row) => row.split('|').length)
    const clean = render(poisoned('x'))
      .split('\n')
      .filter((line) => line.startsWith('|'))
    expect(columns).toEqual(clean.map((row) => row.split('|').length))
  })

  test('puts the log of a broken run behind a fence that nothing in it closes', () => {
    const log = 'panic: `x`\n```\n# not a heading\n`````\n<b>\u001b[31mred'
    const markdown = render(
      invalid({ measurement: { ...BROKEN, failure: { ...BROKEN.failure, log } } }),
    )
    expect(markdown).toContain('``````\n' + log.replace('\u001b', '\\x1b') + '\n``````')
  })

  test('cuts what is too long for a table and says so by an ellipsis', () => {
    const long = 'f'.repeat(10_000)
    const markdown = render(failed({ growth: [place({ function: long })] }))
    expect(markdown).toContain(`<code>${'f'.repeat(299)}…</code>`)
    expect(markdown).not.toContain('f'.repeat(300))
  })

  test('tells the verdict, the hint and the notes first', () => {
    const markdown = render(invalid({ hint: 'Look at the log.', notes: ['One thing.'] }))
    expect(markdown.split('\n\n').slice(0, 3)).toEqual([
      '### ⛔ heapgate: the run can’t be judged',
      'The service exited with status 1. Look at the log.',
      '> One thing.',
    ])
  })

  test('shows ten places and sums up the rest', () => {
    const growth = Array.from({ length: 13 }, (_, index) =>
      place({ function: `main.f${index.toString()}`, retained: { bytes: 1024, objects: 1 } }),
    )
    const markdown = render(failed({ growth }))
    expect(markdown).toContain('main.f9')
    expect(markdown).not.toContain('main.f10')
    expect(markdown).toContain('3 more places with 3 KiB: see result.json.')
  })

  test('folds the places of a run that passes, and of no other', () => {
    const summary = '<summary>Growth by function</summary>'
    expect(render(failed({ verdict: 'pass' }))).toContain(summary)
    for (const verdict of ['warn', 'fail'] as const) {
      expect(render(failed({ verdict }))).not.toContain(summary)
    }
  })

  test('leaves out places that shrank', () => {
    const growth = [place(), place({ function: 'main.less', retained: { bytes: -5, objects: 0 } })]
    expect(render(failed({ growth }))).not.toContain('main.less')
  })
})

describe('the length of the report', () => {
  const long = failed({
    reason: `It kept ${'<'.repeat(10_000)}`,
    growth: Array.from({ length: 10 }, () =>
      place({ function: '*'.repeat(10_000), source: { firstLine: 10, lines: ['a'.repeat(160)] } }),
    ),
  })
  const whole = render(long)

  test('is never over the limit, and what is left out is said', () => {
    for (let limit = whole.length + 1; limit > 20_000; limit -= 97) {
      const cut = renderMarkdown(long, limit)
      expect(cut.length).toBeLessThanOrEqual(limit)
      expect(cut.startsWith('### ❌ heapgate: the service keeps memory\n\nIt kept &#60;')).toBe(
        true,
      )
      if (limit < whole.length) expect(cut).toContain('The rest of this report is too long')
    }
  })

  test('is the whole report where it just fits', () => {
    expect(renderMarkdown(long, whole.length)).toBe(whole)
    expect(renderMarkdown(long, whole.length - 1)).not.toBe(whole)
  })

  test('keeps the verdict even where nothing else fits', () => {
    const cut = renderMarkdown(failed(), 10)
    expect(cut).toMatch(/^### ❌ heapgate: the service keeps memory\n\nThe service kept 1\.91 MiB/)
    expect(cut).not.toContain('Budget')
  })

  test('leaves out whole sections: no fold and no fence stays open', () => {
    for (let limit = whole.length; limit > 1000; limit -= 501) {
      const cut = renderMarkdown(long, limit)
      expect(cut.match(/<details>/g)?.length).toBe(cut.match(/<\/details>/g)?.length)
      expect((cut.match(/^```/gm) ?? []).length % 2).toBe(0)
    }
  })
})
