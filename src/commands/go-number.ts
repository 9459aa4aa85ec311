const INTEGER =
  /^([+-]?)(?:0x((?:_?[\da-f])+)|0b((?:_?[01])+)|0o?((?:_?[0-7])+)|([1-9](?:_?\d)*|0))$/i
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** A whole number as Go's flags take it: `7`, `+7`, `0x7`, `0b111`, `07`, `1_000`. */
export function goInteger(text: string): number | undefined {
  const [, sign, hex, binary, octal, decimal] = INTEGER.exec(text) ?? []
  const [digits, base] =
    hex !== undefined
      ? [hex, 16]
      : binary !== undefined
        ? [binary, 2]
        : octal !== undefined
          ? [octal, 8]
          : [decimal, 10]
  if (digits === undefined) return undefined
  const value = Number.parseInt(digits.replaceAll('_', ''), base)
  if (!Number.isSafeInteger(value)) return undefined
  return sign === '-' ? 0 - value : value
}

/** A decimal number as Go's flags take it: `0.5`, `+.5`, `5.`, `5E-1`. */
export function goDecimal(text: string): number | undefined {
  const value = DECIMAL.test(text) ? Number(text) : NaN
  return Number.isFinite(value) ? value : undefined
}
