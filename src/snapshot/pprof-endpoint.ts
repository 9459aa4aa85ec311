import { HeapgateError } from '../errors.ts'
import { type HttpAnswer, httpGet } from './http-get.ts'
import { type MemStats, parseMemStats } from './mem-stats.ts'

/** The service does not serve net/http/pprof where it should. */
export class PprofError extends HeapgateError {}

/** One answer of pprof may take this long: a collection of a large heap and its encoding. */
const TIMEOUT_MS = 30_000
/** A compressed heap profile; real ones are kilobytes, sick ones tens of megabytes. */
const MAX_PROFILE_BYTES = 256 * 2 ** 20
/** The end of the text profile that holds MemStats with its two lists of 256 pauses. */
const MEM_STATS_BYTES = 64 * 1024

/** A dump of many goroutines is read as far as it takes to know who starts them. */
const MAX_DUMP_BYTES = 4 * 2 ** 20

const IMPORT_HINT =
  'Import net/http/pprof in the service, for its side effect, on a mux that is served; or let `instrument` compile it in; or set pprof-url.'

/** The pprof index of a service: every question that the gate asks it. */
export interface PprofEndpoint {
  /** Forces a collection and reads the exact counters. */
  readonly collect: () => Promise<MemStats>
  /** Forces a collection. It costs the service less than `collect`, whose text is long. */
  readonly shed: () => Promise<void>
  /** The heap profile as of the last collection, gzipped protobuf, as it was sent. */
  readonly heapProfile: () => Promise<Uint8Array>
  /** All goroutines by stack, gzipped protobuf. */
  readonly goroutineProfile: () => Promise<Uint8Array>
  /** All goroutines as text, with what created them: the beginning of it, where there are many. */
  readonly goroutineDump: () => Promise<string>
  /**
   * The goroutines that the runtime proves leaked, gzipped protobuf; `undefined` where it can't:
   * before Go 1.27, and in 1.26 without its experiment.
   */
  readonly leakedGoroutineProfile: () => Promise<Uint8Array | undefined>
}

/** Where pprof answers, and what it needs to answer. */
export interface PprofAddress {
  /** Such as `http://127.0.0.1:8080/debug/pprof`. */
  readonly url: string
  /** Sent with every question; they may be secret. */
  readonly headers: Readonly<Record<string, string>>
}

export function pprofEndpoint({ url, headers }: PprofAddress, signal: AbortSignal): PprofEndpoint {
  const ask = async (query: string, limits: { maxBytes: number; keep?: 'head' | 'tail' }) => {
    const address = `${url}/${query}`
    const answer = await httpGet(address, { timeoutMs: TIMEOUT_MS, headers, signal, ...limits })
    if (answer.status !== 200) throw refused(address, answer)
    return answer
  }
  return {
    collect: async () => {
      const query = 'heap?gc=1&debug=1'
      const answer = await ask(query, { maxBytes: 2 * MEM_STATS_BYTES, keep: 'tail' })
      const stats = parseMemStats(answer.body.toString('latin1'))
      if (stats === undefined) throw notPprof(`${url}/${query}`, 'a heap profile as text')
      return stats
    },
    shed: async () => {
      await ask('heap?gc=1', { maxBytes: MAX_PROFILE_BYTES })
    },
    heapProfile: async () => {
      const answer = await ask('heap', { maxBytes: MAX_PROFILE_BYTES })
      return answer.body
    },
    goroutineProfile: async () => {
      const answer = await ask('goroutine', { maxBytes: MAX_PROFILE_BYTES })
      return answer.body
    },
    goroutineDump: async () => {
      const answer = await ask('goroutine?debug=2', { maxBytes: MAX_DUMP_BYTES, keep: 'head' })
      return answer.body.toString('utf8')
    },
    leakedGoroutineProfile: async () => {
      const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_PROFILE_BYTES, headers, signal }
      const answer = await httpGet(`${url}/goroutineleak`, limits)
      return answer.status === 200 ? answer.body : undefined
    },
  }
}

function refused(address: string, answer: HttpAnswer): PprofError {
  const status = answer.status.toString()
  if (answer.status >= 300 && answer.status < 400) {
    return new PprofError(
      `GET ${address} is redirected (${status}), which the gate does not follow.`,
      {
        hint: 'Set pprof-url to the address where net/http/pprof itself answers.',
      },
    )
  }
  return new PprofError(
    `GET ${address} answered ${status}: the service serves no net/http/pprof there.`,
    {
      hint: IMPORT_HINT,
    },
  )
}

function notPprof(address: string, expected: string): PprofError {
  return new PprofError(`GET ${address} answered something else than ${expected}.`, {
    hint: IMPORT_HINT,
  })
}
