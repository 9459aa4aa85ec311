import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

/** Bytes kept from the start of a log, and from its end. */
const HEAD_BYTES = 4 * 2 ** 20
const TAIL_BYTES = 2 ** 20
const SHOWN_LINES = 30
const SHOWN_LINE_LENGTH = 400
/** The line that a crash begins with: Go, src/runtime/panic.go `printpanics`, `fatalthrow`. */
const GO_CRASH = /^(panic: |fatal error: )/
/** Where a line is looked at while it is printed, its beginning counts. */
const MATCHED_LINE_LENGTH = 4096

/**
 * The output of the service, in a file that keeps its head and its tail: a service that prints
 * without end costs neither our memory nor the disk.
 */
export class ServiceLog {
  readonly #file: WriteStream
  #headBytes = 0
  #droppedBytes = 0
  readonly #tail: Buffer[] = []
  #tailBytes = 0
  #fileError: Error | undefined
  readonly #listeners = new Set<(chunk: Buffer) => void>()

  constructor(path: string) {
    this.#file = createWriteStream(path)
    this.#file.on('error', (error) => {
      this.#fileError = error
    })
  }

  write(chunk: Buffer): void {
    const head = chunk.subarray(0, HEAD_BYTES - this.#headBytes)
    if (head.length > 0) {
      this.#headBytes += head.length
      this.#file.write(head)
    }
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    while (this.#tailBytes - (this.#tail[0]?.length ?? 0) > TAIL_BYTES) {
      this.#tailBytes -= this.#tail.shift()?.length ?? 0
    }
    this.#droppedBytes += chunk.length - head.length
    for (const listener of this.#listeners) listener(chunk)
  }

  /**
   * Waits until one of the lines `matches`, which may have been printed already; of a long line its
   * beginning is looked at.
   *
   * @throws what `matches` throws, and an error when the signal fires first.
   */
  async lineThat(
    matches: (lines: readonly string[]) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    let begun = ''
    const isIn = (text: string): boolean => {
      const [last = '', ...whole] = (begun + text).split(/\r?\n/).reverse()
      begun = last.slice(0, MATCHED_LINE_LENGTH)
      // A prompt without a line break counts as well, so the last line is looked at each time.
      return matches([begun, ...whole].map((line) => line.slice(0, MATCHED_LINE_LENGTH)))
    }
    if (isIn(Buffer.concat(this.#tail).toString('utf8'))) return
    await new Promise<void>((resolve, reject) => {
      const end = (finish: () => void): void => {
        this.#listeners.delete(listener)
        signal.removeEventListener('abort', abort)
        finish()
      }
      const listener = (chunk: Buffer): void => {
        try {
          if (isIn(chunk.toString('utf8'))) end(resolve)
        } catch (error) {
          end(() => {
            reject(error instanceof Error ? error : new Error(String(error)))
          })
        }
      }
      const abort = (): void => {
        end(() => {
          reject(new Error('nobody waits for the line any more'))
        })
      }
      this.#listeners.add(listener)
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
    })
  }

  /**
   * The last lines, or the first ones of a crash of Go, whose dump of goroutines may be long; each is
   * cut to a length that can be read. Control characters are still in it.
   */
  lastLines(count = SHOWN_LINES): string {
    const lines = Buffer.concat(this.#tail).toString('utf8').trimEnd().split(/\r?\n/)
    const crash = lines.findLastIndex((line) => GO_CRASH.test(line))
    const first = crash < 0 ? lines.length : crash
    const from = Math.min(first, Math.max(0, lines.length - count))
    return lines
      .slice(from, from + count)
      .map((line) =>
        line.length > SHOWN_LINE_LENGTH ? `${line.slice(0, SHOWN_LINE_LENGTH)}…` : line,
      )
      .join('\n')
  }

  /** Writes the tail and closes the file. A disk that is full costs the log, never the verdict. */
  async close(): Promise<Error | undefined> {
    if (this.#fileError === undefined) {
      const beyondHead = Buffer.concat(this.#tail).subarray(-Math.max(1, this.#droppedBytes))
      if (this.#droppedBytes > 0) {
        const lost = this.#droppedBytes - beyondHead.length
        if (lost > 0) this.#file.write(`\n… ${lost.toString()} bytes left out by heapgate …\n`)
        this.#file.write(beyondHead)
      }
      this.#file.end()
      await finished(this.#file).catch((error: unknown) => {
        this.#fileError = error instanceof Error ? error : new Error(String(error))
      })
    }
    return this.#fileError
  }
}
