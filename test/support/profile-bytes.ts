import { perftools } from '../../proto/profile.js'

const { Profile } = perftools.profiles

export type ProfileMessage = perftools.profiles.Profile.$Properties

/** A message whose tables are there. */
export type StacksMessage = ProfileMessage & {
  readonly [Table in 'mapping' | 'function' | 'location' | 'sample' | 'stringTable']: NonNullable<
    ProfileMessage[Table]
  >
}

/** Encodes a message with the generated code; what is left out takes the format's defaults. */
export function profileBytes(message: ProfileMessage): Uint8Array {
  return Profile.encode(message).finish()
}

/**
 * The message of a small heap-like profile with one value a sample. A stack is a list of function
 * names, the leaf first, such as `['leaf', 'root']`; each name is a location of its own.
 */
export function stacksMessage(
  stacks: readonly { readonly stack: readonly string[]; readonly value: number }[],
): StacksMessage {
  const names = [...new Set(stacks.flatMap(({ stack }) => stack))]
  const stringTable = ['', 'space', 'bytes', 'main.go', ...names]
  return {
    sampleType: [{ type: 1, unit: 2 }],
    periodType: { type: 1, unit: 2 },
    period: 4096,
    mapping: [{ id: 1, memoryStart: 0x1000, memoryLimit: 0x9000, filename: 3, hasFunctions: true }],
    function: names.map((_, index) => ({
      id: index + 1,
      name: index + 4,
      systemName: index + 4,
      filename: 3,
      startLine: 1,
    })),
    location: names.map((_, index) => ({
      id: index + 1,
      mappingId: 1,
      address: 0x1000 + index,
      line: [{ functionId: index + 1, line: index + 10 }],
    })),
    sample: stacks.map(({ stack, value }) => ({
      locationId: stack.map((name) => names.indexOf(name) + 1),
      value: [value],
    })),
    stringTable,
  }
}
