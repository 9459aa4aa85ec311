/** What one value of every sample measures: `{type: 'inuse_space', unit: 'bytes'}`. */
export interface ValueType {
  readonly type: string
  readonly unit: string
}

/** A region of memory that a binary is mapped to. Addresses are exact, so they are bigints. */
export interface Mapping {
  readonly start: bigint
  readonly limit: bigint
  readonly offset: bigint
  readonly file: string
  readonly buildId: string
  readonly hasFunctions: boolean
  readonly hasFilenames: boolean
  readonly hasLineNumbers: boolean
  readonly hasInlineFrames: boolean
}

export interface ProfileFunction {
  readonly name: string
  readonly systemName: string
  readonly filename: string
  /** 0 when unknown. */
  readonly startLine: number
}

/**
 * The locations of a profile, one column for each of their attributes. Location `i` has the lines
 * from `lineStart[i]` up to `lineStart[i + 1]`, the innermost inlined call first.
 */
export interface Locations {
  readonly count: number
  /** Index of the mapping, or -1. */
  readonly mapping: Int32Array
  readonly address: BigUint64Array
  readonly isFolded: Uint8Array
  /** `count + 1` entries. */
  readonly lineStart: Uint32Array
  /** Index of the function, by line. */
  readonly lineFunction: Uint32Array
  readonly lineNumber: Float64Array
  readonly lineColumn: Float64Array
}

/** Texts that a program attached to a sample under one key. */
export interface TextLabel {
  readonly key: string
  readonly values: readonly string[]
}

/** Numbers attached to a sample under one key; `units` is empty, or as long as `values`. */
export interface NumberLabel {
  readonly key: string
  readonly values: readonly number[]
  readonly units: readonly string[]
}

/** All labels of a sample, each list in the order of its keys. */
export interface LabelSet {
  readonly texts: readonly TextLabel[]
  readonly numbers: readonly NumberLabel[]
}

/**
 * The samples of a profile in columns. Sample `i` has the locations from `locationStart[i]` up to
 * `locationStart[i + 1]`, the leaf first, and the values from `i * sampleTypes.length`.
 *
 * The sum of the absolute values of each sample type is at most 2^53 - 1, so every sum of values
 * that is made later is exact.
 */
export interface Samples {
  readonly count: number
  /** `count + 1` entries. */
  readonly locationStart: Uint32Array
  /** Index of the location. */
  readonly location: Uint32Array
  readonly values: Float64Array
  /** Index into `labelSets`; samples with the same labels may share one. */
  readonly labels: Uint32Array
  readonly labelSets: readonly LabelSet[]
}

/**
 * A profile as pprof defines it, checked and resolved: ids and string indexes of the format are
 * gone, everything refers to everything else by position. Nothing changes it once it is made; what
 * derives a profile from another shares the columns that stay the same.
 */
export interface Profile {
  readonly sampleTypes: readonly ValueType[]
  /** The `type` to show by default; `''` when the profile does not say. */
  readonly defaultSampleType: string
  /** What the sampler counts; empty texts when the profile does not say. */
  readonly periodType: ValueType
  /** Of `periodType`, between two samples: `MemProfileRate` in a heap profile. 0 when absent. */
  readonly period: number
  /** Nanoseconds since 1970; beyond 2^53, hence a bigint. 0 when absent. */
  readonly timeNanos: bigint
  readonly durationNanos: number
  readonly dropFrames: string
  readonly keepFrames: string
  readonly comments: readonly string[]
  readonly docUrl: string
  /** The first one is the main binary's. */
  readonly mappings: readonly Mapping[]
  readonly functions: readonly ProfileFunction[]
  readonly locations: Locations
  readonly samples: Samples
}

export const NO_LABELS: LabelSet = { texts: [], numbers: [] }

/** Value number `type` of sample `index`. */
export function valueAt(profile: Profile, index: number, type: number): number {
  return profile.samples.values[index * profile.sampleTypes.length + type] ?? 0
}

/** Whether every value of a sample is 0. */
export function isZeroSample(profile: Profile, index: number): boolean {
  const types = profile.sampleTypes.length
  for (let type = 0; type < types; type++) {
    if (profile.samples.values[index * types + type] !== 0) return false
  }
  return true
}
