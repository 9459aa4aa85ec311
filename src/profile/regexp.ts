import { ProfileError } from './profile-error.ts'

/** The character classes of POSIX that RE2 knows inside brackets. */
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
}

/**
 * Compiles a regular expression in the syntax of Go (RE2), as users of pprof write it. What RE2
 * lacks, such as a backreference or a lookahead, is refused.
 *
 * @throws ProfileError when the expression is mistaken; `what` names where it was given.
 */
export function goRegExp(source: string, what: string): RegExp {
  try {
    const { pattern, flags } = translate(source)
    return new RegExp(pattern, `u${flags}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/u?[ims]*: /s, '') : ''
    throw new ProfileError(
      `${what}: ${JSON.stringify(source)} is no regular expression: ${reason}`,
      {
        hint: 'The syntax is that of Go: golang.org/s/re2syntax.',
      },
    )
  }
}

function translate(source: string): { pattern: string; flags: string } {
  let flags = ''
  let pattern = ''
  let inClass = false
  const leading = /^\(\?([ims]+)\)/.exec(source)
  if (leading?.[1] !== undefined) flags = [...new Set(leading[1])].join('')
  for (let at = leading?.[0].length ?? 0; at < source.length;) {
    const rest = source.slice(at)
    const token: Token = inClass ? classToken(rest) : plainToken(rest)
    if (token.class !== undefined) inClass = token.class
    pattern += token.pattern
    at += token.length
  }
  return { pattern, flags }
}

/** What to write for the first `length` characters; `class` when brackets begin or end there. */
interface Token {
  readonly length: number
  readonly pattern: string
  readonly class?: boolean
}

function plainToken(rest: string): Token {
  const quoted = /^\\Q(.*?)(\\E|$)/s.exec(rest)
  if (quoted?.[1] !== undefined) {
    return { length: quoted[0].length, pattern: quoted[1].replace(/[$()*+.?[\\\]^{|}/]/g, '\\$&') }
  }
  if (rest.startsWith('\\A')) return { length: 2, pattern: '(?<![^])' }
  if (rest.startsWith('\\z')) return { length: 2, pattern: '(?![^])' }
  if (rest.startsWith('\\')) return escapeToken(rest)
  const named = /^\(\?P?<(\w+)>/.exec(rest)
  if (named?.[1] !== undefined) return { length: named[0].length, pattern: `(?<${named[1]}>` }
  if (/^\(\?<?[=!]/.test(rest)) throw new Error('Go has no lookahead and no lookbehind')
  const bracket = /^\[\^?\]?/.exec(rest)
  if (bracket !== null) {
    return { length: bracket[0].length, pattern: bracket[0].replace(']', '\\]'), class: true }
  }
  if (rest.startsWith(']')) return { length: 1, pattern: '\\]' }
  // A brace that begins no count is itself; so is one that ends none.
  const count = /^\{\d+(,\d*)?\}/.exec(rest)
  if (count !== null) return { length: count[0].length, pattern: count[0] }
  if (/^[{}]/.test(rest)) return { length: 1, pattern: `\\${rest.charAt(0)}` }
  return character(rest)
}

function classToken(rest: string): Token {
  const posix = /^\[:(\^?)(\w+):\]/.exec(rest)
  if (posix?.[2] !== undefined) {
    const range = POSIX[posix[2]]
    if (range === undefined || posix[1] === '^') throw new Error(`${posix[0]} is not supported`)
    return { length: posix[0].length, pattern: range }
  }
  if (rest.startsWith(']')) return { length: 1, pattern: ']', class: false }
  if (rest.startsWith('\\')) return escapeToken(rest)
  if (rest.startsWith('[')) return { length: 1, pattern: '\\[' }
  return character(rest)
}

function escapeToken(rest: string): Token {
  const next = rest.charAt(1)
  if (/^\\[1-9]/.test(rest)) throw new Error('Go has no backreferences')
  const hex = /^\\x\{([0-9A-Fa-f]+)\}/.exec(rest)
  if (hex?.[1] !== undefined) return { length: hex[0].length, pattern: `\\u{${hex[1]}}` }
  const property = /^\\([pP])([A-Z])(?!\{)/.exec(rest)
  if (property !== null)
    return { length: 3, pattern: `\\${property[1] ?? ''}{${property[2] ?? ''}}` }
  if (next === 'a') return { length: 2, pattern: '\\x07' }
  if (/[A-Za-z0-9]/.test(next)) return { length: 2, pattern: `\\${next}` }
  // Go lets every punctuation be escaped; JavaScript only what has a meaning.
  if (/[$()*+.?[\\\]^{|}/]/.test(next)) return { length: 2, pattern: `\\${next}` }
  if (next === '-') return { length: 2, pattern: '\\x2d' }
  if (next === '') throw new Error('a backslash at the end')
  const literal = character(rest.slice(1))
  return { length: 1 + literal.length, pattern: literal.pattern }
}

function character(rest: string): Token {
  const first = String.fromCodePoint(rest.codePointAt(0) ?? 0)
  return { length: first.length, pattern: first }
}
