import { constants } from 'node:os'

/**
 * A signal that fires when the process is asked to end, as by Ctrl-C, a cancelled workflow or a
 * terminal that is closed, so that the service can be stopped first. A second request ends the
 * process at once.
 */
export function onTermination(): AbortSignal {
  const cancelled = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (cancelled.signal.aborted) process.exit(128 + constants.signals[name])
      cancelled.abort()
    })
  }
  return cancelled.signal
}
