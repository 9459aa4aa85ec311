/** Names that belong to the runner and to the action: the code of a pull request never sees them. */
const RUNNERS_OWN = /^(INPUT|STATE|GITHUB|ACTIONS|RUNNER)_|^GH_TOKEN$/

/** A header such as `X-Debug: true` must not take `CI=true` away. */
const LEAST_SECRET = 8

export interface ServiceEnvironment {
  /** Our own environment. */
  readonly inherited: NodeJS.ProcessEnv
  /** Tokens: values that must not be passed on under any name. */
  readonly tokens: readonly string[]
  /** Values of headers: the same, where they are long enough to be a secret. */
  readonly headers: readonly string[]
  /** What the user sets for the service; it wins over what is inherited. */
  readonly given: readonly (readonly [name: string, value: string])[]
}

/** The environment of a build: ours without the runner's variables, the inputs and the tokens. */
export function buildEnvironment(sources: ServiceEnvironment): Record<string, string> {
  const environment: Record<string, string> = {}
  const secrets = [
    ...sources.tokens,
    ...sources.headers.filter(({ length }) => length >= LEAST_SECRET),
  ]
  for (const [name, value] of Object.entries(sources.inherited)) {
    if (value === undefined || RUNNERS_OWN.test(name)) continue
    if (value !== '' && secrets.includes(value)) continue
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
