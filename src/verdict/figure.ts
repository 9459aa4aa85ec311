import { formatBytes } from '../units/bytes.ts'
import { formatCount } from '../units/count.ts'
import type { BudgetReading } from './result.ts'

/** A budget's limit or measured value, in its unit: `1 MiB`, `0.5 objects`, `12 goroutines`. */
export function budgetFigure(
  { unit, perRequest }: Pick<BudgetReading, 'unit' | 'perRequest'>,
  value: number,
): string {
  const amount = unit === 'bytes' ? formatBytes(value) : `${formatAmount(value)} ${unit}`
  return perRequest ? `${amount} per request` : amount
}

/** A number of things, with decimals where it is small: `12,345`, `0.01`. */
function formatAmount(value: number): string {
  return Math.abs(value) >= 100 || Number.isInteger(value)
    ? formatCount(value)
    : Number(value.toPrecision(3)).toString()
}

/** `1.5 %` */
export const percent = (share: number): string =>
  `${Number((share * 100).toPrecision(3)).toString()} %`
