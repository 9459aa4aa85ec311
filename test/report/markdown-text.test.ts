import { describe, expect, test } from '@jest/globals'
import {
  codeBlock,
  codeLink,
  inlineCode,
  oneLine,
  plainText,
  visibleControls,
} from '../../src/report/markdown-text.ts'

/** The text that a reader sees: entities are characters again. */
const shown = (html: string): string =>
  html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))

const MARKUP = 'a<b>&amp; `c` *d* _e_ [f](g) h|i \\ ~~j~~ $k$'

describe('plain text', () => {
  test('is shown as it is written, markup and all', () => {
    expect(plainText(MARKUP)).not.toMatch(/[<>`*_[\]|\\~$]/)
    expect(shown(plainText(MARKUP))).toBe(MARKUP)
  })

  test.each(['@octocat', '#123', 'octo/shop#1', 'GH-7', 'https://a.example', 'www.example.com'])(
    'keeps GitHub from linking %s by a character of no width',
    (text) => {
      expect(plainText(text)).not.toBe(text)
      expect(shown(plainText(text)).replaceAll('\u200b', '')).toBe(text)
    },
  )

  test.each(['# a', '- a', '+ a', '1. a', '2) a', '=== a'])('begins no block: %s', (text) => {
    expect(plainText(text)).toBe(`\u200b${text}`)
  })

  test('leaves a sentence that begins with a number alone', () => {
    expect(plainText('90 of 180 requests failed.')).toBe('90 of 180 requests failed.')
  })

  test('is one line of a readable length without control characters', () => {
    expect(plainText('a\r\n\n# b\tc\u001b[31m')).toBe('a # b c&#92;x1b&#91;31m')
    expect(plainText('a'.repeat(10_000))).toHaveLength(3000)
  })
})

describe('inline code', () => {
  test('is shown as it is written, markup and all', () => {
    const text = `${MARKUP} @a https://b "c" 'd' www.e`
    expect(inlineCode(text)).not.toMatch(/[`*_[\]|\\~@:$"']|www\./)
    expect(shown(inlineCode(text))).toBe(`<code>${text}</code>`)
  })

  test('is one line', () => {
    expect(inlineCode('a\n\tb\rc')).toBe('<code>a b c</code>')
  })

  test('as a link keeps its target in the attribute', () => {
    expect(codeLink('a', 'https://h/"><b>')).toBe(
      '<a href="https&#58;//h/&#34;&#62;&#60;b&#62;"><code>a</code></a>',
    )
  })
})

test('a code block has a longer fence than any in it', () => {
  expect(codeBlock('a')).toBe('```\na\n```')
  expect(codeBlock('```\n````', 'go')).toBe('`````go\n```\n````\n`````')
})

test('control characters and those that turn the direction of text are made visible', () => {
  expect(visibleControls('a\n\tb\r\u001b\u0000\u009b\u202e\u2066\u061c\u2028ü€😀')).toBe(
    'a\n\tb\\x0d\\x1b\\x00\\x9b\\u202e\\u2066\\u061c\\u2028ü€😀',
  )
})

test('a name is cut without cutting a character in half', () => {
  expect(oneLine('a'.repeat(300))).toBe('a'.repeat(300))
  expect(oneLine('a'.repeat(301))).toBe(`${'a'.repeat(299)}…`)
  expect(oneLine(`${'a'.repeat(298)}😀${'b'.repeat(9)}`)).toBe(`${'a'.repeat(298)}…`)
})
