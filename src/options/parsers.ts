import { parseBytes } from '../units/bytes.ts'
import { parseDuration } from '../units/duration.ts'

/** A parsed value, or what would have been accepted, to follow the words "expected …". */
export type Parsed<T> = { readonly value: T } | { readonly expected: string }

/** Reads the text of one option. It is never called with an empty text. */
export type Parser<T> = (text: string) => Parsed<T>

const orExpected = <T>(value: T | undefined, expected: string): Parsed<T> =>
  value === undefined ? { expected } : { value }

/** Any text, trimmed. */
export const text: Parser<string> = (given) => ({ value: given.trim() })

/** One Go package, by its directory or its import path. */
export const mainPackage: Parser<string> = (given) => {
  const name = given.trim()
  const isOne = /^[^-\s][^\s]*$/.test(name) && !name.includes('...') && !name.endsWith('.go')
  return orExpected(isOne ? name : undefined, 'one package main, such as ./cmd/server')
}

/** A size in bytes. */
export const size: Parser<number> = (given) =>
  orExpected(parseBytes(given), 'a size such as 512KiB or 2MB')

/** The longest time that a timer can wait. */
const MAX_DURATION_MS = 2 ** 31 - 1

/** A time in milliseconds. */
export const duration: Parser<number> = (given) => {
  const ms = parseDuration(given)
  const waitable = ms !== undefined && ms <= MAX_DURATION_MS ? ms : undefined
  return orExpected(waitable, 'a time such as 500ms, 10s or 2m, at most 24 days')
}

/** A whole number of at least `least`. */
export function count(least: number): Parser<number> {
  return (given) => {
    const value = /^\d{1,15}$/.test(given.trim()) ? Number(given) : undefined
    return orExpected(
      value !== undefined && value >= least ? value : undefined,
      `a whole number of at least ${least.toString()}`,
    )
  }
}

/** A share between 0 and 1, written `1%` or `0.01`. */
export const share: Parser<number> = (given) => {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(given.trim())
  const value = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1)
  return orExpected(value >= 0 && value <= 1 ? value : undefined, 'a share such as 1% or 0.01')
}

/** A number of at least 0, such as `0.5`. */
export const ratio: Parser<number> = (given) =>
  orExpected(
    /^\d{1,12}(\.\d{1,12})?$/.test(given.trim()) ? Number(given) : undefined,
    'a number such as 0.5 or 3',
  )

/** A pattern of functions whose stacks don't count, and why. */
export interface IgnorePattern {
  readonly pattern: string
  readonly reason: string | undefined
}

/** A regular expression; the text after ` #` is the reason. */
export const ignorePattern: Parser<IgnorePattern> = (given) => {
  const [, pattern = given, reason] = /^(.*?)\s+#\s*(.*)$/.exec(given) ?? []
  try {
    new RegExp(pattern, 'u')
  } catch {
    return { expected: 'a regular expression, with its reason after " #"' }
  }
  return { value: { pattern, reason: reason === '' ? undefined : reason } }
}

/** An `http:` or `https:` address, as it is: it stands in messages, so it holds no password. */
export const httpUrl: Parser<string> = (given) => {
  const url = webUrl(given)
  return orExpected(
    url !== undefined && isOpen(url) ? url.href : undefined,
    'an address such as http://127.0.0.1:8080/healthz, without password',
  )
}

/** An address that paths are put behind, without the slash at its end. */
export const baseUrl: Parser<string> = (given) => {
  const url = webUrl(given)
  const isBase = url?.search === '' && url.hash === '' && isOpen(url)
  return orExpected(
    isBase ? url.href.replace(/\/+$/, '') : undefined,
    'an address such as http://127.0.0.1:8080, without query or password',
  )
}

const isOpen = ({ username, password }: URL): boolean => username === '' && password === ''

function webUrl(given: string): URL | undefined {
  const trimmed = given.trim()
  if (!URL.canParse(trimmed)) return undefined
  const url = new URL(trimmed)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

/** One of the words given. */
export function oneOf<const W extends string>(...words: readonly W[]): Parser<W> {
  return (given) =>
    orExpected(
      words.find((word) => word === given.trim()),
      `one of ${words.join(', ')}`,
    )
}

/** The lines that are not blank, each read by `line`; the first mistaken line is told. */
export function linesOf<T>(line: Parser<T>): Parser<readonly T[]> {
  return eachLine(line, (index, raw) => `line ${index.toString()}: ${JSON.stringify(raw)}`)
}

/** The same for lines that may hold secrets: a mistaken one is told by its number. */
export function secretLinesOf<T>(line: Parser<T>): Parser<readonly T[]> {
  return eachLine(line, (index) => `line ${index.toString()}`)
}

function eachLine<T>(
  line: Parser<T>,
  tell: (index: number, raw: string) => string,
): Parser<readonly T[]> {
  return (given) => {
    const values: T[] = []
    for (const [index, raw] of given.split(/\r?\n/).entries()) {
      if (raw.trim() === '') continue
      const parsed = line(raw.trim())
      if ('expected' in parsed) {
        return { expected: `${parsed.expected} (${tell(index + 1, raw.trim())})` }
      }
      values.push(parsed.value)
    }
    return { value: values }
  }
}

/** A regular expression. */
export const pattern: Parser<RegExp> = (given) => {
  try {
    return { value: new RegExp(given.trim(), 'u') }
  } catch {
    return { expected: 'a regular expression such as "listening on"' }
  }
}

/** A header of a request: RFC 9110, section 5.5, printable ASCII. */
export const header: Parser<readonly [name: string, value: string]> = (given) => {
  const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x20-\x7e\t]+)$/.exec(given)
  return orExpected(
    match?.[1] === undefined ? undefined : ([match[1], match[2] ?? ''] as const),
    '"Name: value", one a line, in printable ASCII',
  )
}

/** Headers, one a line, each once: names are the same whatever their case (RFC 9110, 5.1). */
export const headers: Parser<readonly (readonly [name: string, value: string])[]> = (given) => {
  const parsed = secretLinesOf(header)(given)
  if ('expected' in parsed) return parsed
  const names = parsed.value.map(([name]) => name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  return orExpected(
    twice === undefined ? parsed.value : undefined,
    `each header once (${twice ?? ''} is given twice)`,
  )
}

/** One variable of the environment. */
export const environmentVariable: Parser<readonly [name: string, value: string]> = (given) => {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(given)
  return orExpected(
    match?.[1] === undefined ? undefined : ([match[1], match[2] ?? ''] as const),
    'KEY=VALUE, one a line',
  )
}

/** The methods that a request of the load may have. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** One request of the load: a method and a path with its query. */
export interface RequestLine {
  readonly method: (typeof METHODS)[number]
  readonly path: string
}

/** `METHOD /path`; a path alone is a GET. */
export const requestLine: Parser<RequestLine> = (given) => {
  const match = /^(?:([A-Za-z]+)\s+)?(\/\S*)$/.exec(given)
  const name = (match?.[1] ?? 'GET').toUpperCase()
  const method = METHODS.find((known) => known === name)
  return orExpected(
    match?.[2] === undefined || method === undefined ? undefined : { method, path: match[2] },
    'METHOD /path, one a line, such as "GET /items?page=2"',
  )
}
