import { ProfileError } from './profile-error.ts'

/** The string table of a profile, decoded from UTF-8 text by text when one is asked for. */
export class StringTable {
  private readonly bytes: Uint8Array
  private readonly starts: Uint32Array
  private readonly ends: Uint32Array
  private readonly texts: (string | undefined)[]
  private readonly decoder = new TextDecoder()
  readonly length: number

  /** `starts` and `ends` are where the texts are in `bytes`. */
  constructor(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array) {
    this.bytes = bytes
    this.starts = starts
    this.ends = ends
    this.length = starts.length
    this.texts = new Array<string | undefined>(this.length)
  }

  /**
   * Text number `index`.
   *
   * @throws ProfileError when the table has no such text; `where` names what refers to it.
   */
  get(index: number, where: () => string): string {
    const known = this.texts[index]
    if (known !== undefined) return known
    if (index < 0 || index >= this.length) {
      throw new ProfileError(
        `${where()}: string ${index} does not exist, the string table has ${this.length}`,
        { hint: 'The profile is damaged: capture it again.' },
      )
    }
    const text = this.decoder.decode(this.bytes.subarray(this.starts[index], this.ends[index]))
    this.texts[index] = text
    return text
  }
}
