/**
 * A signal that fires when the process is asked to end, as by Ctrl-C or a cancelled workflow, so
 * that the service can be stopped first. A second request ends the process at once.
 */
export function onTermination(): AbortSignal {
  const cancelled = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (cancelled.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143)
      cancelled.abort()
    })
  }
  return cancelled.signal
}
