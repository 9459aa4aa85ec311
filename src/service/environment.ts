/** Names that belong to the runner and to the action: the code of a pull request never sees them. */
const RUNNERS_OWN = /^(INPUT|STATE|GITHUB|ACTIONS|RUNNER)_|^GH_TOKEN$/

export interface ServiceEnvironment {
  /** Our own environment. */
  readonly inherited: NodeJS.ProcessEnv
  /** Values that must not be passed on under any name. */
  readonly secrets: readonly string[]
  /** What the user sets for the service; it wins over what is inherited. */
  readonly given: readonly (readonly [name: string, value: string])[]
}

/** The environment of a build: ours without the runner's variables, the inputs and the tokens. */
export function buildEnvironment(sources: ServiceEnvironment): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(sources.inherited)) {
    if (value === undefined || RUNNERS_OWN.test(name)) continue
    if (value !== '' && sources.secrets.includes(value)) continue
    environment[name] = value
  }
  return { ...environment, ...Object.fromEntries(sources.given) }
}

/**
 * The environment of the service: as for a build, and GODEBUG asks for one heap sample every `rate`
 * bytes. Other settings in GODEBUG stay; the last one wins in Go's runtime, so ours stands last.
 */
export function serviceEnvironment(
  sources: ServiceEnvironment,
  rate: number,
): Record<string, string> {
  const environment = buildEnvironment(sources)
  const before = environment['GODEBUG'] ?? ''
  const ours = `memprofilerate=${rate.toString()}`
  return { ...environment, GODEBUG: before === '' ? ours : `${before},${ours}` }
}
