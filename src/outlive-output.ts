import type { EventEmitter } from 'node:events'

/**
 * Lets us live on when what we print can't be written, as to a pipe that was closed or a disk that
 * is full: the verdict is in the exit status too.
 */
export function outliveOutput(...streams: readonly EventEmitter[]): void {
  for (const stream of streams) stream.on('error', () => undefined)
}
