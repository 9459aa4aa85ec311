import { formatBytes } from '../units/bytes.ts'
import { formatCount, plural } from '../units/count.ts'
import { formatDuration } from '../units/duration.ts'
import { sparkline } from './sparkline.ts'
import type { Measurement } from '../verdict/measurement.ts'

/** Objects per request: `3`, `0.01`. */
export function formatRatio(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 2
  return Number(value.toFixed(digits)).toString()
}

/** What ran, as rows of a name and a value. Values may hold hostile text. */
export function whatRan(measurement: Measurement): readonly (readonly [string, string])[] {
  const { setup, platform, rounds, warmup, baseline, timings, watched } = measurement
  const answered = rounds.reduce((sum, { load }) => sum + load.answered, 0)
  const spent = rounds.reduce((sum, { load }) => sum + load.durationMs, 0)
  const rate = spent < 1 ? '' : `, ${formatCount((answered / spent) * 1000)} a second`
  const total = timings.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const rows: [string, string | undefined][] = [
    ['Service', setup.run ?? `already running at ${setup.url}`],
    ['Built by', setup.build],
    ['Go', platform.goVersion],
    ['Requests', setup.requests.map(({ method, path }) => `${method} ${path}`).join(', ')],
    [
      'Load',
      `${plural(answered, 'request')} in ${plural(rounds.length, 'round')} over ${plural(setup.connections, 'connection')}${rate}; ${formatCount(warmup?.answered ?? 0)} before them as a warm-up`,
    ],
    [
      'Heap samples',
      baseline === undefined
        ? undefined
        : baseline.period <= 1
          ? 'every allocation'
          : `one every ${formatBytes(baseline.period)}`,
    ],
    [
      'Resident memory',
      watched === undefined
        ? undefined
        : `${sparkline(watched.residentBytes)} up to ${formatBytes(watched.peakBytes)}, from its start to its end`,
    ],
    ['Machine', `${platform.os} ${platform.arch}`],
    ['heapgate', `${platform.heapgate}, ${formatDuration(total)}`],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}
