import type { LabelSet, NumberLabel, TextLabel } from './profile.ts'
import type { StringTable } from './string-table.ts'
import { compareText } from './text-order.ts'
import { WIRE, WireReader } from './wire-reader.ts'

/**
 * Reads the label fields of a sample, which are in `ranges` of `bytes`: pairs of start and end.
 * Values under one key are gathered, a number 0 without a unit is no label, and units are padded to
 * the number of values, as in pprof.
 */
export function readLabelSet(
  bytes: Uint8Array,
  ranges: readonly number[],
  strings: StringTable,
): LabelSet {
  const texts = new Map<string, string[]>()
  const numbers = new Map<string, { values: number[]; units: string[] }>()
  const reader = new WireReader(bytes)

  const readLabel = (end: number): void => {
    let key = 0
    let str = 0
    let num = 0
    let numUnit = 0
    const at = reader.position
    while (reader.position < end) {
      reader.readTag(end)
      if (reader.field < 1 || reader.field > 4) {
        reader.skip(end)
        continue
      }
      reader.expect(WIRE.varint)
      reader.readVarint(end)
      const value = reader.int64('a number of a label')
      if (reader.field === 1) key = value
      else if (reader.field === 2) str = value
      else if (reader.field === 3) num = value
      else numUnit = value
    }
    const where = (): string => `the label at byte ${at}`
    const name = strings.get(key, where)
    if (str !== 0) {
      const values = texts.get(name)
      if (values === undefined) texts.set(name, [strings.get(str, where)])
      else values.push(strings.get(str, where))
    } else if (num !== 0 || numUnit !== 0) {
      const label = numbers.get(name) ?? { values: [], units: [] }
      numbers.set(name, label)
      if (numUnit !== 0) {
        padTo(label.values.length, label.units)
        label.units.push(strings.get(numUnit, where))
      }
      label.values.push(num)
    }
  }

  for (let index = 0; index < ranges.length; index += 2) {
    reader.position = ranges[index] ?? 0
    const end = ranges[index + 1] ?? 0
    while (reader.position < end) {
      reader.readTag(end)
      readLabel(reader.readLength(end))
    }
  }
  return labelSet(
    [...texts].map(([key, values]) => ({ key, values })),
    [...numbers].map(([key, { values, units }]) => {
      if (units.length > 0) padTo(values.length, units)
      return { key, values, units }
    }),
  )
}

function padTo(length: number, units: string[]): void {
  while (units.length < length) units.push('')
}

function labelSet(texts: TextLabel[], numbers: NumberLabel[]): LabelSet {
  const byKey = (a: { key: string }, b: { key: string }): number => compareText(a.key, b.key)
  return { texts: texts.sort(byKey), numbers: numbers.sort(byKey) }
}

/** The same labels with `values` as the texts under `key`, in place of any that were there. */
export function withTextLabel(set: LabelSet, key: string, values: readonly string[]): LabelSet {
  return labelSet(
    [...set.texts.filter((label) => label.key !== key), { key, values }],
    [...set.numbers],
  )
}

/** The label that marks the samples of a diff base: percentages are of their total. */
export const DIFF_BASE = { key: 'pprof::base', value: 'true' } as const

export function isDiffBase(set: LabelSet): boolean {
  return set.texts.some(
    (label) => label.key === DIFF_BASE.key && label.values.includes(DIFF_BASE.value),
  )
}

/** A text that is the same for two label sets only if they are equal. */
export function labelSetKey(set: LabelSet): string {
  return JSON.stringify([
    set.texts.map((label) => [label.key, label.values]),
    set.numbers.map((label) => [label.key, label.values, label.units]),
  ])
}
