import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HeapgateError } from '../errors.ts'
import { decodeProfile } from '../profile/decode.ts'
import type { Profile } from '../profile/profile.ts'
import { ProfileError } from '../profile/profile-error.ts'
import { type HttpAnswer, httpGet, type HttpLimits } from './http-get.ts'
import { type MemStats, parseMemStats } from './mem-stats.ts'

/** The service does not serve net/http/pprof where it should. */
export class PprofError extends HeapgateError {}

/** What an answer of pprof may cost: the code of a pull request decides what it answers. */
export interface PprofLimits {
  /** One answer, from the connection to its last byte. */
  readonly timeoutMs: number
  /** A profile as it is sent, and once it is inflated. */
  readonly maxProfileBytes: number
  /** The heap profile as text, of which only the end is kept. */
  readonly maxTextBytes: number
}

/**
 * A collection of a large heap and its encoding take seconds. Real profiles are kilobytes, that of a
 * service of 100,000 stacks is 25 MiB once inflated; as text it is some times larger.
 */
export const PPROF_LIMITS: PprofLimits = {
  timeoutMs: 30_000,
  maxProfileBytes: 128 * 2 ** 20,
  maxTextBytes: 512 * 2 ** 20,
}

/** The end of the text profile that holds MemStats with its two lists of 256 pauses. */
const MEM_STATS_BYTES = 64 * 1024

/** A dump of many goroutines is read as far as it takes to know who starts them. */
const MAX_DUMP_BYTES = 4 * 2 ** 20

const SHOWN_TARGET_LENGTH = 200

/** What to do where nothing serves net/http/pprof. */
export const IMPORT_HINT =
  'Import net/http/pprof in the service, for its side effect, on a mux that is served; or let `instrument` compile it in; or set pprof-url.'

/** A profile as it was sent. */
export interface FetchedProfile {
  readonly bytes: Uint8Array
  /** @throws ProfileError with the address that answered it */
  readonly decode: () => Profile
}

/**
 * The pprof index of a service: every question that the gate asks it. Each throws HttpError or
 * PprofError when there is no answer within the limits, or it is not that of net/http/pprof.
 *
 * No redirect is followed: it could lead to another host, or lose the query that forces a
 * collection, and then the figures would be wrong.
 */
export interface PprofEndpoint {
  /** Forces a collection and reads the exact counters. */
  readonly collect: () => Promise<MemStats>
  /** Forces a collection. It costs the service less than `collect`, whose text is long. */
  readonly shed: () => Promise<void>
  /** The heap profile as of the last collection. */
  readonly heapProfile: () => Promise<FetchedProfile>
  /** All goroutines by stack. */
  readonly goroutineProfile: () => Promise<FetchedProfile>
  /** All goroutines as text, with what created them: the beginning of it, where there are many. */
  readonly goroutineDump: () => Promise<string>
  /**
   * The goroutines that the runtime proves leaked; `undefined` where it can't: before Go 1.27, and
   * in 1.26 without its experiment.
   */
  readonly leakedGoroutineProfile: () => Promise<FetchedProfile | undefined>
}

/** Where pprof answers, and what it needs to answer. */
export interface PprofAddress {
  /** Such as `http://127.0.0.1:8080/debug/pprof`. */
  readonly url: string
  /** Sent with every question; they may be secret. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Lets `ask` question pprof, over one connection that is closed when it is done.
 *
 * The buffers of a closed connection wait in a sync.Pool for the next one, which finds them or not:
 * with a connection for each question, looks at a service at rest would differ by one's memory.
 */
export async function askPprof<T>(
  address: PprofAddress,
  signal: AbortSignal,
  ask: (endpoint: PprofEndpoint) => Promise<T>,
  limits: PprofLimits = PPROF_LIMITS,
): Promise<T> {
  const Agent = address.url.startsWith('https:') ? HttpsAgent : HttpAgent
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    return await ask(pprofEndpoint(address, signal, limits, agent))
  } finally {
    agent.destroy()
  }
}

/** Without an agent, each question has a connection of its own. */
export function pprofEndpoint(
  { url, headers }: PprofAddress,
  signal: AbortSignal,
  { timeoutMs, maxProfileBytes, maxTextBytes }: PprofLimits = PPROF_LIMITS,
  agent?: HttpAgent,
): PprofEndpoint {
  const get = (address: string, limits: Pick<HttpLimits, 'maxBytes' | 'keep'>) =>
    httpGet(address, { timeoutMs, headers, signal, agent, ...limits })
  const ask = async (query: string, limits: Pick<HttpLimits, 'maxBytes' | 'keep'>) => {
    const answer = await get(`${url}/${query}`, limits)
    refuseForeign(`${url}/${query}`, answer)
    return answer
  }
  const profileOf = (address: string, answer: HttpAnswer): FetchedProfile => {
    refuseForeign(address, answer)
    return { bytes: answer.body, decode: () => decodeAnswer(address, answer.body, maxProfileBytes) }
  }
  const getProfile = async (query: string) =>
    profileOf(`${url}/${query}`, await get(`${url}/${query}`, { maxBytes: maxProfileBytes }))
  return {
    collect: async () => {
      const query = 'heap?gc=1&debug=1'
      const keep = { last: MEM_STATS_BYTES }
      const answer = await ask(query, { maxBytes: maxTextBytes, keep })
      const stats = parseMemStats(answer.body.toString('latin1'))
      if (stats === undefined) throw noHeapProfile(`${url}/${query}`, answer)
      return stats
    },
    shed: async () => {
      await ask('heap?gc=1', { maxBytes: maxProfileBytes })
    },
    heapProfile: () => getProfile('heap'),
    goroutineProfile: () => getProfile('goroutine'),
    goroutineDump: async () => {
      const limits = { maxBytes: MAX_DUMP_BYTES, keep: 'head' } as const
      return (await ask('goroutine?debug=2', limits)).body.toString('utf8')
    },
    leakedGoroutineProfile: async () => {
      const address = `${url}/goroutineleak`
      const answer = await get(address, { maxBytes: maxProfileBytes })
      return answer.status === 200 ? profileOf(address, answer) : undefined
    },
  }
}

function refuseForeign(address: string, { status, headers }: HttpAnswer): void {
  const { location } = headers
  if (status >= 300 && status < 400 && typeof location === 'string') {
    throw new PprofError(
      `GET ${address} is redirected (${status.toString()}) to ${targetOf(location, address)}, which the gate does not follow.`,
      { hint: 'Set pprof-url to the address where net/http/pprof itself answers.' },
    )
  }
  if (status !== 200) {
    throw new PprofError(
      `GET ${address} answered ${status.toString()}: the service serves no net/http/pprof there.`,
      { hint: IMPORT_HINT },
    )
  }
  const { 'content-encoding': encoding = 'identity' } = headers
  if (encoding !== 'identity') {
    throw new PprofError(
      `GET ${address} is answered with the content encoding ${quoted(String(encoding))}, which was not asked for.`,
      { hint: 'Serve net/http/pprof without a middleware that compresses, or set pprof-url.' },
    )
  }
}

/** Where a redirect leads, as a whole address. */
function targetOf(location: string, address: string): string {
  const target = URL.canParse(location, address) ? new URL(location, address).href : location
  return cut(target)
}

const cut = (text: string): string =>
  text.length > SHOWN_TARGET_LENGTH ? `${text.slice(0, SHOWN_TARGET_LENGTH)}…` : text

function noHeapProfile(address: string, { headers, body }: HttpAnswer): PprofError {
  const type = headers['content-type']
  const what =
    body.length === 0 ? 'nothing' : type === undefined ? 'something else' : quoted(String(type))
  return new PprofError(`GET ${address} answered ${what}, not a heap profile as text.`, {
    hint: IMPORT_HINT,
  })
}

const quoted = (text: string): string => `"${cut(text)}"`

function decodeAnswer(address: string, bytes: Uint8Array, maxInflatedBytes: number): Profile {
  try {
    return decodeProfile(bytes, { maxInflatedBytes })
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error
    throw new ProfileError(`GET ${address}: ${error.message}`, {
      hint: `Fetch it by hand, and look what stands between: curl -o profile.pb.gz '${address}'`,
      cause: error,
    })
  }
}
