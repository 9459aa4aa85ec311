/** What only makes sense where heapgate starts the service itself. */
const NEEDS_RUN = ['build', 'instrument', 'env', 'ready-pattern'] as const

/** Options of the gate that each can be read, but not together: a line for each mistake. */
export function conflictsOf(isGiven: (name: string) => boolean): readonly string[] {
  const isAttached = !isGiven('run') && isGiven('pprof-url') && !isGiven('instrument')
  return [
    ...(isGiven('run') || isAttached
      ? []
      : [
          'run: missing: the command line that starts the service; or give url and pprof-url of one that runs already',
        ]),
    ...(isAttached
      ? NEEDS_RUN.filter(isGiven).map(
          (name) => `${name}: given without run: heapgate starts nothing then`,
        )
      : []),
    ...(isGiven('instrument') && isGiven('pprof-url')
      ? ['pprof-url: not with instrument, which serves pprof at an address of its own']
      : []),
  ]
}
