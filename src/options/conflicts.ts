/** What only makes sense where heapgate starts the service itself. */
const NEEDS_RUN = ['build', 'env', 'ready-pattern'] as const

/** Options of the gate that each can be read, but not together: a line for each mistake. */
export function conflictsOf(isGiven: (name: string) => boolean): readonly string[] {
  if (isGiven('run')) return []
  return [
    ...(isGiven('pprof-url')
      ? []
      : [
          'run: missing: the command line that starts the service; or give url and pprof-url of one that runs already',
        ]),
    ...NEEDS_RUN.filter(isGiven).map(
      (name) => `${name}: given without run: heapgate starts nothing then`,
    ),
  ]
}
