import { type IdSlots, SlotIndex } from './id-slots.ts'
import { readLabelSet } from './labels.ts'
import { ProfileError } from './profile-error.ts'
import type { Locations, Mapping, Profile, ProfileFunction, Samples, ValueType } from './profile.ts'
import { byteOfField, PROFILE_FIELD } from './profile-fields.ts'
import type { RawFunction } from './raw-function.ts'
import type { RawMapping } from './raw-mapping.ts'
import type { RawProfile } from './raw-profile.ts'
import type { RawValueType } from './raw-value-type.ts'

const DAMAGED = { hint: 'The profile is damaged: capture it again.' }

/**
 * Replaces ids and string indexes by positions and texts, and checks what google/pprof's
 * `CheckValid` checks: as many values as sample types, ids unique and not 0, every location,
 * function and text there.
 *
 * @throws ProfileError with the table, the index in it and the byte.
 */
export function resolveProfile(raw: RawProfile): Profile {
  const { strings } = raw
  const text = (index: number, what: string): string => strings.get(index, () => what)
  const valueType = (type: RawValueType, what: string): ValueType => ({
    type: text(type.type, what),
    unit: text(type.unit, what),
  })

  if (raw.sampleTypes.length === 0 && raw.samples.locationStart.length > 1) {
    throw new ProfileError('the profile has samples, but no sample types', DAMAGED)
  }
  const mappingIndex = tableIndex(
    raw,
    'mapping',
    Uint32Array.from(raw.mappings, ({ id }) => id),
    raw.mappingIds,
  )
  const functionIndex = tableIndex(
    raw,
    'function',
    Uint32Array.from(raw.functions, ({ id }) => id),
    raw.functionIds,
  )
  const locationIndex = tableIndex(raw, 'location', raw.locations.id, raw.locationIds)
  return {
    sampleTypes: raw.sampleTypes.map((type, index) => valueType(type, `sample type ${index}`)),
    defaultSampleType: text(raw.defaultSampleType, 'the default sample type'),
    periodType: valueType(raw.periodType, 'the period type'),
    period: raw.period,
    timeNanos: raw.timeNanos,
    durationNanos: raw.durationNanos,
    dropFrames: text(raw.dropFrames, 'drop_frames'),
    keepFrames: text(raw.keepFrames, 'keep_frames'),
    comments: raw.comments.map((comment, index) => text(comment, `comment ${index}`)),
    docUrl: text(raw.docUrl, 'doc_url'),
    mappings: raw.mappings.map((mapping, index) => resolveMapping(mapping, index, text)),
    functions: raw.functions.map((entry, index) => resolveFunction(entry, index, text)),
    locations: resolveLocations(raw, mappingIndex, functionIndex),
    samples: resolveSamples(raw, locationIndex),
  }
}

type TextOf = (index: number, what: string) => string

function resolveMapping(raw: RawMapping, index: number, text: TextOf): Mapping {
  return {
    start: raw.start,
    limit: raw.limit,
    offset: raw.offset,
    file: text(raw.file, `the file of mapping ${index}`),
    buildId: text(raw.buildId, `the build id of mapping ${index}`),
    hasFunctions: raw.hasFunctions,
    hasFilenames: raw.hasFilenames,
    hasLineNumbers: raw.hasLineNumbers,
    hasInlineFrames: raw.hasInlineFrames,
  }
}

function resolveFunction(raw: RawFunction, index: number, text: TextOf): ProfileFunction {
  return {
    name: text(raw.name, `the name of function ${index}`),
    systemName: text(raw.systemName, `the system name of function ${index}`),
    filename: text(raw.filename, `the file name of function ${index}`),
    startLine: raw.startLine,
  }
}

function tableIndex(
  raw: RawProfile,
  table: 'mapping' | 'function' | 'location',
  slots: Uint32Array,
  ids: IdSlots,
): SlotIndex {
  const index = new SlotIndex(slots)
  const where = (entry: number): string =>
    `${table} ${entry} (byte ${byteOfField(raw.bytes, PROFILE_FIELD[table], entry)})`
  if (index.reserved >= 0) {
    throw new ProfileError(`${where(index.reserved)}: its id is 0, which is reserved`, DAMAGED)
  }
  if (index.duplicate >= 0) {
    const id = ids.idOf(slots[index.duplicate] ?? 0)
    throw new ProfileError(`${where(index.duplicate)}: id ${id} is taken already`, DAMAGED)
  }
  return index
}

function resolveLocations(
  raw: RawProfile,
  mappingIndex: SlotIndex,
  functionIndex: SlotIndex,
): Locations {
  const { locations } = raw
  const count = locations.id.length
  const mapping = new Int32Array(count)
  for (let index = 0; index < count; index++) {
    // A mapping that is not there counts as none, as in google/pprof.
    mapping[index] = mappingIndex.find(locations.mapping[index] ?? 0)
  }
  const lineFunction = new Uint32Array(locations.lineFunction.length)
  for (let line = 0; line < lineFunction.length; line++) {
    const slot = locations.lineFunction[line] ?? 0
    const found = functionIndex.find(slot)
    if (found < 0) {
      const location = ownerOf(locations.lineStart, line)
      const byte = byteOfField(raw.bytes, PROFILE_FIELD.location, location)
      throw new ProfileError(
        `location ${location} (byte ${byte}): its line refers to function id ${raw.functionIds.idOf(slot)}, which does not exist`,
        DAMAGED,
      )
    }
    lineFunction[line] = found
  }
  return {
    count,
    mapping,
    address: locations.address,
    isFolded: locations.isFolded,
    lineStart: locations.lineStart,
    lineFunction,
    lineNumber: locations.lineNumber,
    lineColumn: locations.lineColumn,
  }
}

function resolveSamples(raw: RawProfile, locationIndex: SlotIndex): Samples {
  const { samples } = raw
  for (const [type, total] of samples.totals.entries()) {
    if (total > Number.MAX_SAFE_INTEGER) {
      throw new ProfileError(
        `the values of sample type ${type} add up to more than 2^53: they can't be summed exactly`,
        { hint: 'Values of this size are most likely damage: capture the profile again.' },
      )
    }
  }
  const location = new Uint32Array(samples.location.length)
  for (let at = 0; at < location.length; at++) {
    const slot = samples.location[at] ?? 0
    const found = locationIndex.find(slot)
    if (found < 0) {
      const sample = ownerOf(samples.locationStart, at)
      const byte = byteOfField(raw.bytes, PROFILE_FIELD.sample, sample)
      throw new ProfileError(
        `sample ${sample} (byte ${byte}): location id ${raw.locationIds.idOf(slot)} does not exist`,
        DAMAGED,
      )
    }
    location[at] = found
  }
  return {
    count: samples.labels.length,
    locationStart: samples.locationStart,
    location,
    values: samples.values,
    labels: samples.labels,
    labelSets: samples.labelRanges.map((ranges) => readLabelSet(raw.bytes, ranges, raw.strings)),
  }
}

/** The last entry that starts at or before a position. */
function ownerOf(starts: Uint32Array, position: number): number {
  let owner = 0
  while (owner + 1 < starts.length && (starts[owner + 1] ?? 0) <= position) owner += 1
  return owner
}
