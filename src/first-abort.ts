/** A signal that fires when one of several does. Call `release` when nobody listens any more. */
export interface FirstAbort {
  readonly signal: AbortSignal
  readonly release: () => void
}

/**
 * As `AbortSignal.any`, which in Node 20 may lose its sources to the garbage collector when it is
 * nested; here the listeners hold on to each other.
 */
export function firstAbort(...sources: readonly AbortSignal[]): FirstAbort {
  const first = new AbortController()
  const abort = (): void => {
    first.abort()
  }
  for (const source of sources) {
    if (source.aborted) abort()
    source.addEventListener('abort', abort)
  }
  return {
    signal: first.signal,
    release: () => {
      for (const source of sources) source.removeEventListener('abort', abort)
    },
  }
}
