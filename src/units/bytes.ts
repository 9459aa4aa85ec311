const FACTORS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  kib: 2 ** 10,
  mb: 1e6,
  mib: 2 ** 20,
  gb: 1e9,
  gib: 2 ** 30,
}

/**
 * Bytes of a size such as `512KiB`, `2MB` or `4096`; a bare number is bytes, the unit's case does
 * not matter. `undefined` when the text is no such size or has more than 2^53 bytes.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?$/i.exec(text.trim())
  const factor = FACTORS[(match?.[2] ?? 'b').toLowerCase()]
  if (match?.[1] === undefined || factor === undefined) return undefined
  const bytes = Math.round(Number(match[1]) * factor)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes for a reader, by 1024 with three significant digits: `982 KiB`, `-1.5 MiB`, `0 B`. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits =
    unit === 0 && Number.isInteger(value) ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  const text = value.toFixed(digits).replace(/\.0+$/, '')
  const sign = bytes < 0 && Number(text) !== 0 ? '-' : ''
  return `${sign}${text} ${UNITS[unit] ?? 'B'}`
}

/** As `formatBytes`, with a plus sign before growth. */
export function formatGrowth(bytes: number): string {
  const text = formatBytes(bytes)
  return bytes > 0 && !text.startsWith('0 ') ? `+${text}` : text
}
