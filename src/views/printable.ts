// eslint-disable-next-line no-control-regex -- finding control characters is the purpose
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/**
 * A text of a profile as it may be written to a terminal: control characters, which could move the
 * cursor, hide text or forge lines, are written as escapes. pprof writes them as they are.
 */
export function printable(text: string): string {
  return text.replace(CONTROL, escape)
}

/** As `printable`, for a line of source code: tabs stay. */
export function printableSource(line: string): string {
  return line.replace(CONTROL, (character) => (character === '\t' ? '\t' : escape(character)))
}

function escape(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
