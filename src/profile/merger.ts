import { labelSetKey } from './labels.ts'
import { ProfileError } from './profile-error.ts'
import {
  isZeroSample,
  type LabelSet,
  type Locations,
  type Mapping,
  NO_LABELS,
  type Profile,
  type ProfileFunction,
  type Samples,
} from './profile.ts'
import { SequenceTable } from './sequence-table.ts'
import { Uint32List } from './uint32-list.ts'

const PAGE = 0x1000n
const TWO_32 = 2 ** 32

/** Where the entries of one profile went in the merged one; -1 is not yet. */
interface Source {
  readonly profile: Profile
  readonly mapping: Int32Array
  readonly function: Int32Array
  readonly location: Int32Array
  readonly labelSet: Int32Array
}

/** Collects the tables of a merged profile; an entry is added when the first sample needs it. */
export class Merger {
  readonly mappings: Mapping[] = []
  readonly functions: ProfileFunction[] = []
  private readonly labelSets: LabelSet[] = [NO_LABELS]
  private readonly mappingByKey = new Map<string, number>()
  private readonly functionByKey = new Map<string, number>()
  private readonly labelSetByKey = new Map([[labelSetKey(NO_LABELS), 0]])

  private readonly locationByKey: SequenceTable
  private readonly address: bigint[] = []
  /** Index of the mapping plus one: 0 is none. */
  private readonly mapping = new Uint32List()
  private readonly isFolded = new Uint32List()
  private readonly lineStart = new Uint32List()
  private readonly lineFunction = new Uint32List()
  private readonly lineNumber: number[] = []
  private readonly lineColumn: number[] = []

  private readonly types: number
  private readonly sampleByKey: SequenceTable
  private readonly locationStart = new Uint32List()
  private readonly sampleLocation: Uint32List
  private readonly labels = new Uint32List()
  private values: Float64Array
  private readonly totals: Float64Array

  private readonly locationKey = new Uint32List(64)
  private readonly sampleKey = new Uint32List(256)

  /** `profiles` are those to come: they tell how much room is needed. */
  constructor(profiles: readonly Profile[]) {
    const most = (count: (profile: Profile) => number): number =>
      Math.max(0, ...profiles.map(count))
    const samples = most((profile) => profile.samples.count)
    const references = most((profile) => profile.samples.location.length)
    this.types = profiles[0]?.sampleTypes.length ?? 0
    this.locationByKey = new SequenceTable(
      most((profile) => profile.locations.count),
      7,
    )
    this.sampleByKey = new SequenceTable(samples, 1 + references / Math.max(1, samples))
    this.sampleLocation = new Uint32List(references)
    this.values = new Float64Array(samples * this.types)
    this.totals = new Float64Array(this.types)
    this.lineStart.push(0)
    this.locationStart.push(0)
  }

  add(profile: Profile): void {
    const notYet = (count: number): Int32Array => new Int32Array(count).fill(-1)
    const source: Source = {
      profile,
      mapping: notYet(profile.mappings.length),
      function: notYet(profile.functions.length),
      location: notYet(profile.locations.count),
      labelSet: notYet(profile.samples.labelSets.length),
    }
    // The first mapping is the main binary's, also when another one is needed first.
    if (this.mappings.length === 0 && profile.mappings.length > 0) this.mappingOf(source, 0)
    for (let index = 0; index < profile.samples.count; index++) {
      if (!isZeroSample(profile, index)) this.addSample(source, index)
    }
  }

  private addSample(source: Source, index: number): void {
    const { samples } = source.profile
    const start = samples.locationStart[index] ?? 0
    const length = (samples.locationStart[index + 1] ?? 0) - start
    const key = this.sampleKey
    key.length = 0
    key.reserve(length + 1)
    const { data } = key
    const labels = this.labelSetOf(source, samples.labels[index] ?? 0)
    data[0] = labels
    for (let at = 0; at < length; at++) {
      const location = samples.location[start + at] ?? 0
      const merged = source.location[location] ?? -1
      data[at + 1] = merged >= 0 ? merged : this.locationOf(source, location)
    }
    const known = this.sampleByKey.size
    const sample = this.sampleByKey.numberOf(data, length + 1)
    if (sample === known) {
      this.labels.push(labels)
      this.sampleLocation.append(data, 1, length + 1)
      this.locationStart.push(this.sampleLocation.length)
    }
    this.addValues(sample, samples.values, index)
  }

  private addValues(sample: number, from: Float64Array, index: number): void {
    const { types } = this
    if ((sample + 1) * types > this.values.length) {
      const grown = new Float64Array(Math.max(16 * types, this.values.length * 2))
      grown.set(this.values)
      this.values = grown
    }
    for (let type = 0; type < types; type++) {
      const value = from[index * types + type] ?? 0
      const at = sample * types + type
      this.values[at] = (this.values[at] ?? 0) + value
      this.totals[type] = (this.totals[type] ?? 0) + Math.abs(value)
    }
  }

  private labelSetOf(source: Source, index: number): number {
    const { labelSet, profile } = source
    const known = labelSet[index] ?? -1
    if (known >= 0) return known
    const set = profile.samples.labelSets[index] ?? NO_LABELS
    const number = numberOf(this.labelSetByKey, labelSetKey(set), () => this.labelSets.push(set))
    labelSet[index] = number
    return number
  }

  private mappingOf(source: Source, index: number): number {
    const { mapping, profile } = source
    const known = mapping[index] ?? -1
    const entry = profile.mappings[index]
    if (known >= 0 || entry === undefined) return known
    const number = numberOf(this.mappingByKey, mappingKey(entry), () => this.mappings.push(entry))
    mapping[index] = number
    return number
  }

  private functionOf(source: Source, index: number): number {
    const { function: merged, profile } = source
    const known = merged[index] ?? -1
    const entry = profile.functions[index]
    if (known >= 0 || entry === undefined) return known
    const key = `${entry.startLine}\0${entry.name}\0${entry.systemName}\0${entry.filename}`
    const number = numberOf(this.functionByKey, key, () => this.functions.push(entry))
    merged[index] = number
    return number
  }

  private locationOf(source: Source, index: number): number {
    const { location: merged, profile } = source
    const { locations, mappings } = profile
    const itsMapping = locations.mapping[index] ?? -1
    const mapping = this.mappingOf(source, itsMapping)
    const start = locations.lineStart[index] ?? 0
    const end = locations.lineStart[index + 1] ?? 0
    // Subtracting the start undoes the randomization of the address space.
    const relative = BigInt.asUintN(
      64,
      (locations.address[index] ?? 0n) - (mappings[itsMapping]?.start ?? 0n),
    )

    const key = this.locationKey
    key.length = 0
    key.push(mapping + 1)
    key.push(locations.isFolded[index] ?? 0)
    key.push(Number(relative & 0xffffffffn))
    key.push(Number(relative >> 32n))
    for (let line = start; line < end; line++) {
      key.push(this.functionOf(source, locations.lineFunction[line] ?? 0))
      pushInteger(key, locations.lineNumber[line] ?? 0)
    }
    // Of the columns, google/pprof's key holds the last line's only.
    if (end > start) pushInteger(key, locations.lineColumn[end - 1] ?? 0)

    const known = this.locationByKey.size
    const location = this.locationByKey.numberOf(key.data, key.length)
    merged[index] = location
    if (location === known) {
      this.mapping.push(mapping + 1)
      this.isFolded.push(locations.isFolded[index] ?? 0)
      this.address.push(relative + (this.mappings[mapping]?.start ?? 0n))
      for (let line = start; line < end; line++) {
        this.lineFunction.push(this.functionOf(source, locations.lineFunction[line] ?? 0))
        this.lineNumber.push(locations.lineNumber[line] ?? 0)
        this.lineColumn.push(locations.lineColumn[line] ?? 0)
      }
      this.lineStart.push(this.lineFunction.length)
    }
    return location
  }

  locations(): Locations {
    return {
      count: this.address.length,
      mapping: Int32Array.from(this.mapping.toArray(), (number) => number - 1),
      address: BigUint64Array.from(this.address),
      isFolded: Uint8Array.from(this.isFolded.toArray()),
      lineStart: this.lineStart.toArray(),
      lineFunction: this.lineFunction.toArray(),
      lineNumber: Float64Array.from(this.lineNumber),
      lineColumn: Float64Array.from(this.lineColumn),
    }
  }

  /** @throws ProfileError when the sums of a sample type may pass 2^53. */
  samples(): Samples {
    const inexact = this.totals.findIndex((total) => total > Number.MAX_SAFE_INTEGER)
    if (inexact >= 0) {
      throw new ProfileError(
        `the merged values of sample type ${inexact} add up to more than 2^53: they can't be summed exactly`,
        { hint: 'Merge fewer profiles at a time.' },
      )
    }
    return {
      count: this.labels.length,
      locationStart: this.locationStart.toArray(),
      location: this.sampleLocation.toArray(),
      values: this.values.subarray(0, this.labels.length * this.types),
      labels: this.labels.toArray(),
      labelSets: this.labelSets,
    }
  }
}

/** The number under a key, or that of the entry that `add` adds: it returns the new length. */
function numberOf(byKey: Map<string, number>, key: string, add: () => number): number {
  const known = byKey.get(key)
  if (known !== undefined) return known
  const number = add() - 1
  byKey.set(key, number)
  return number
}

/** Sizes are rounded up to pages, and a mapping with neither build id nor file equals any such. */
function mappingKey(mapping: Mapping): string {
  const size = BigInt.asUintN(64, mapping.limit - mapping.start)
  const pages = (size + PAGE - 1n) / PAGE
  const name = mapping.buildId === '' ? mapping.file : mapping.buildId
  return `${pages.toString()}\0${mapping.offset.toString()}\0${name}`
}

function pushInteger(key: Uint32List, value: number): void {
  key.push(value >>> 0)
  key.push(Math.floor(value / TWO_32) >>> 0)
}
