interface Unit {
  readonly name: string
  readonly aliases: readonly string[]
  readonly factor: number
}

interface Dimension {
  readonly units: readonly Unit[]
  readonly default: Unit
}

const BYTE: Unit = { name: 'B', aliases: ['b', 'byte'], factor: 1 }

/** The units that pprof knows, with its names: sizes go by 1024 although it writes `kB`. */
const DIMENSIONS: readonly Dimension[] = [
  {
    units: [
      BYTE,
      { name: 'kB', aliases: ['kb', 'kbyte', 'kilobyte'], factor: 2 ** 10 },
      { name: 'MB', aliases: ['mb', 'mbyte', 'megabyte'], factor: 2 ** 20 },
      { name: 'GB', aliases: ['gb', 'gbyte', 'gigabyte'], factor: 2 ** 30 },
      { name: 'TB', aliases: ['tb', 'tbyte', 'terabyte'], factor: 2 ** 40 },
      { name: 'PB', aliases: ['pb', 'pbyte', 'petabyte'], factor: 2 ** 50 },
    ],
    default: BYTE,
  },
  {
    units: [
      { name: 'ns', aliases: ['ns', 'nanosecond'], factor: 1 },
      { name: 'us', aliases: ['μs', 'us', 'microsecond'], factor: 1e3 },
      { name: 'ms', aliases: ['ms', 'millisecond'], factor: 1e6 },
      { name: 's', aliases: ['s', 'sec', 'second'], factor: 1e9 },
      { name: 'hrs', aliases: ['hour', 'hr'], factor: 3600e9 },
    ],
    default: { name: 's', aliases: [], factor: 1e9 },
  },
  {
    units: [
      { name: 'n*GCU', aliases: ['nanogcu'], factor: 1e-9 },
      { name: 'u*GCU', aliases: ['microgcu'], factor: 1e-6 },
      { name: 'm*GCU', aliases: ['milligcu'], factor: 1e-3 },
      { name: 'GCU', aliases: ['gcu'], factor: 1 },
      { name: 'k*GCU', aliases: ['kilogcu'], factor: 1e3 },
      { name: 'M*GCU', aliases: ['megagcu'], factor: 1e6 },
      { name: 'G*GCU', aliases: ['gigagcu'], factor: 1e9 },
      { name: 'T*GCU', aliases: ['teragcu'], factor: 1e12 },
      { name: 'P*GCU', aliases: ['petagcu'], factor: 1e15 },
    ],
    default: { name: 'GCU', aliases: [], factor: 1 },
  },
]

/** A number in a unit; `unit` is `''` where pprof writes none. */
export interface Measurement {
  readonly value: number
  readonly unit: string
}

/**
 * Converts a value as google/pprof's `measurement.Scale` does. `to` may be `minimum` or `auto`: the
 * largest unit in which the value is at least 1.
 */
export function scale(value: number, from: string, to: string): Measurement {
  if (value < 0) {
    const positive = scale(-value, from, to)
    return { value: -positive.value, unit: positive.unit }
  }
  for (const dimension of DIMENSIONS) {
    const unit = findUnit(dimension, from)
    if (unit !== undefined) return inDimension(dimension, value * unit.factor, to)
  }
  const isPlain = ['count', 'sample', 'unit', 'minimum', 'auto'].includes(to)
  return { value, unit: isPlain ? '' : to }
}

function inDimension(dimension: Dimension, base: number, to: string): Measurement {
  const isAuto = to === 'minimum' || to === 'auto'
  const unit = isAuto
    ? dimension.units.findLast(({ factor }) => base / factor >= 1)
    : findUnit(dimension, to)
  const { factor, name } = unit ?? dimension.default
  return { value: base / factor, unit: name }
}

function findUnit(dimension: Dimension, name: string): Unit | undefined {
  const lower = name.toLowerCase()
  // Go counts bytes: it takes the s off `μs` too, and then does not know it.
  const alias = new TextEncoder().encode(lower).length > 2 ? lower.replace(/s$/, '') : lower
  return dimension.units.find(({ aliases }) => aliases.includes(alias))
}

/** A value with its unit, in `to`: `1.50MB`, `512B`, `0`. */
export function label(value: number, from: string, to: string): string {
  const scaled = scale(value, from, to)
  const text = fixed2(scaled.value).replace(/\.00$/, '')
  return text === '0' || text === '-0' ? '0' : `${text}${scaled.unit}`
}

/**
 * Two digits after the point, rounded as Go rounds: halves to the even digit, where JavaScript goes
 * up. A binary fraction is half of a hundredth only in odd eighths.
 */
function fixed2(value: number): string {
  const eighths = Math.abs(value) * 8
  if (!Number.isInteger(eighths) || eighths % 2 === 0) return value.toFixed(2)
  const below = Math.floor((eighths * 25) / 2)
  const even = below % 2 === 0 ? below : below + 1
  return `${value < 0 ? '-' : ''}${(even / 100).toFixed(2)}`
}

/** The share of a total, six characters wide or more; the sign is dropped. */
export function percentage(value: number, total: number): string {
  const ratio = total === 0 ? 0 : Math.abs(value / total) * 100
  if (ratio >= 99.95 && ratio <= 100.05) return '  100%'
  return `${(ratio >= 1 ? fixed2(ratio) : significant2(ratio)).padStart(5)}%`
}

/** Go's `%.2g` of a number from 0 up to 1. */
function significant2(value: number): string {
  if (value === 0) return '0'
  const [digits = '', power = ''] = value.toExponential(1).split('e')
  const mantissa = evenTie(value) ?? Number(digits)
  // Rounding may carry: 9.96e-3 is 1.0e-2 in both.
  const exponent = Number(power)
  if (exponent < -4) {
    return `${mantissa.toString()}e-${Math.abs(exponent).toString().padStart(2, '0')}`
  }
  return Number(`${mantissa}e${exponent}`).toString()
}

/** The mantissa of a number exactly halfway between two of two digits, which Go rounds to even. */
function evenTie(value: number): number | undefined {
  // Three digits that give the number back are the common sieve; forty tell whether it is exact.
  if (Number(value.toExponential(2)) !== value) return undefined
  const [exact = ''] = value.toExponential(40).split('e')
  if (!/^\d\.\d50*$/.test(exact)) return undefined
  const tenths = Number(exact.slice(0, 3).replace('.', ''))
  return (tenths % 2 === 0 ? tenths : tenths + 1) / 10
}
