/**
 * Text from a pull request's code – names, paths, logs – is hostile until it is escaped. These
 * functions make it inert in GitHub's Markdown.
 */

const ACTIVE = /[&<>"'`*_[\]|\\~@:$]|(?<=\bwww)\./gi

/** Longest name or path that a report shows, and longest sentence. */
const MAX_LENGTH = 300
const MAX_SENTENCE = 3000

/** A name, a path or an option, as code in a sentence or a cell of a table. */
export function inlineCode(text: string): string {
  return `<code>${entities(oneLine(text))}</code>`
}

/** Plain words: nothing in them is markup, a link, a mention or a reference. */
export function plainText(text: string): string {
  // GitHub links mentions in the rendered text, where an entity is a character again; only a
  // character between the sign and the name stops it.
  return visibleControls(shortened(text.replace(/\s+/g, ' '), MAX_SENTENCE))
    .replace(/([@#]|\bGH-|\bwww)(?=[\w.])/gi, '$1\u200b')
    .replace(/:\/\//g, ':\u200b//')
    .replace(/[&<>`*_[\]|\\~$]/g, entity)
    .replace(/^(?=[-+=#]|::|\d+[.)])/, '\u200b')
}

/** A block of text as it is, behind a fence that nothing in it can close. */
export function codeBlock(text: string, language = ''): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${withoutCommands(visibleControls(text))}\n${fence}`
}

/** A link whose text is code. The target is percent-encoded where it could end the link. */
export function codeLink(text: string, target: string): string {
  const oneWord = target.replace(/[\s\p{Cc}]/gu, encodeURIComponent)
  return `<a href="${entities(oneWord)}">${inlineCode(text)}</a>`
}

/** Control characters as what they are: `\x1b`. Line breaks and tabs stay. */
export function visibleControls(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => {
      const code = char.charCodeAt(0)
      return code < 0x100
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`
    },
  )
}

/**
 * Text in which GitHub's runner finds no command: neither `::error::` at the start of a line, white
 * space before it or not, nor `##[error]` anywhere. See ActionCommand.cs of actions/runner.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n]*):(?=:)/gm, '$1\\x3a').replace(/##(?=\[)/g, '#\\x23')
}

/** `text` in one line, cut to a length that a table can show. */
export function oneLine(text: string): string {
  return shortened(visibleControls(text.replace(/[\r\n\t]+/g, ' ')), MAX_LENGTH)
}

/** `text`, or its beginning and an ellipsis: at most `length`, no character cut in half. */
function shortened(text: string, length: number): string {
  if (text.length <= length) return text
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

const entity = (char: string): string => `&#${char.charCodeAt(0).toString()};`

const entities = (text: string): string => text.replace(ACTIVE, entity)
