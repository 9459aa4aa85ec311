import type { Parser } from './parsers.ts'

/**
 * One option, everywhere: the action's input, the terminal's flag, the help text and the README's
 * row are made from it.
 */
export interface Option<T> {
  readonly parse: Parser<T>
  /** What stands for the value in a help text, such as `SIZE`. */
  readonly placeholder: string
  /** One sentence, without the full stop. */
  readonly summary: string
  /** The text used when nothing is given, read by `parse` too. */
  readonly default?: string
  /** The default in words, where the text would say too little or there is none. */
  readonly defaultNote?: string
  /** Nothing works without it. */
  readonly required?: true
  /** The value may hold a secret: no message tells it. */
  readonly secret?: true
  /** The value is a list, a line each; in the terminal the flag may be repeated. */
  readonly multiline?: true
}

/** A table of options, by their names as the user writes them: `max-retained`. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>

/** The values of a table: what is given, required or has a default; `undefined` for what is absent. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer T>
    ? Table[Name] extends { readonly default: string } | { readonly required: true }
      ? T
      : T | undefined
    : never
}
