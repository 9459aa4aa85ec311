import { gzipSync } from 'node:zlib'
import { type ProfileMessage, profileBytes } from './profile-bytes.ts'

/** What of a profile decides, in a form that is quick to write. */
interface Made {
  /** `type/unit`; one value a sample for each. */
  readonly types?: readonly string[]
  /** A stack, the leaf first, of functions (`main.f`) and of addresses without one (`@401000`). */
  readonly samples: readonly {
    readonly stack: readonly string[]
    readonly values: readonly number[]
    readonly labels?: Readonly<Record<string, string>>
  }[]
  /** `main.go` when a function has none. */
  readonly fileOf?: Readonly<Record<string, string>>
  /** The file of the main binary; `none` is a profile without mappings. */
  readonly mapping?: string
  readonly dropFrames?: string
  readonly keepFrames?: string
  readonly defaultSampleType?: string
}

const SHOP = [
  { stack: ['shop.put', 'main.serve', 'main.main'], values: [700] },
  { stack: ['@600010', 'shop.put', 'main.main'], values: [200] },
  { stack: ['@600020'], values: [50] },
  { stack: ['main.main'], values: [5] },
]
const WITHOUT_STACK = { stack: [], values: [40] }

/** Profiles that no Go program writes, but other programs may, each with what is peculiar to it. */
export const MADE = {
  addresses: { samples: SHOP },
  'empty-stack': { samples: [...SHOP, WITHOUT_STACK] },
  'empty-stack-drop': { samples: [...SHOP, WITHOUT_STACK], dropFrames: 'shop\\..*' },
  drop: { samples: SHOP, dropFrames: '(?i:SHOP)\\.\\p{Ll}+|main\\.serve', keepFrames: 'main.*' },
  'drop-mistaken': { samples: SHOP, dropFrames: 'shop.(put' },
  'keep-mistaken': { samples: SHOP, dropFrames: 'shop.put', keepFrames: '(' },
  'drop-backtracks': {
    samples: [{ stack: ['a'.repeat(60), 'main.main'], values: [3] }, ...SHOP],
    dropFrames: '(a*)*b',
  },
  'without-mappings': { samples: SHOP, mapping: 'none' },
  url: { samples: SHOP, mapping: 'http://example.com/debug/pprof/heap' },
  drive: { samples: SHOP, mapping: 'C:/prog.exe' },
  'no-url': { samples: SHOP, mapping: 'http://a b/prog' },
  'build-directory': {
    samples: SHOP,
    fileOf: {
      'shop.put': '/proc/self/cwd/shop/put.go',
      'main.serve': '/proc/self/cwd/./main.go',
      'main.main': 'main.go',
    },
  },
  'same-types': {
    types: ['alloc/count', 'space/bytes', 'space/hours', 'held/bytes'],
    samples: SHOP.map(({ stack, values: [value = 0] }) => ({
      stack,
      values: [value, 2 * value, 3 * value, 4096 * value],
    })),
    defaultSampleType: 'space',
  },
  'only-same-types': {
    types: ['space/bytes', 'space/bytes'],
    samples: [{ stack: ['main.main'], values: [1, 2] }],
  },
  labels: {
    samples: [
      { stack: ['main.main'], values: [1], labels: { 'ké𝒳y': 'a', key: 'b', '𝒳𝒳𝒳𝒳𝒳𝒳': 'c' } },
    ],
  },
  cpu: {
    types: ['cpu/nanoseconds'],
    samples: [{ stack: ['main.main'], values: [123456789] }],
  },
} satisfies Readonly<Record<string, Made>>

/** A made profile as the bytes of a file. */
export function madeBytes(made: Made): Uint8Array {
  return gzipSync(profileBytes(messageOf(made)))
}

function messageOf(made: Made): ProfileMessage {
  const strings = ['']
  const text = (of: string): number => {
    const at = strings.indexOf(of)
    return at >= 0 ? at : strings.push(of) - 1
  }
  const names = [...new Set(made.samples.flatMap(({ stack }) => stack))]
  const functions = names.filter((name) => !name.startsWith('@'))
  const mapped = made.mapping !== 'none'
  return {
    sampleType: (made.types ?? ['space/bytes']).map((each) => {
      const [type = '', unit = ''] = each.split('/')
      return { type: text(type), unit: text(unit) }
    }),
    mapping: mapped
      ? [
          {
            id: 1,
            memoryStart: 0x400000,
            memoryLimit: 0x500000,
            filename: text(made.mapping ?? '/bin/shop'),
          },
          { id: 2, memoryStart: 0x600000, memoryLimit: 0x700000, filename: text('/lib/libc.so.6') },
        ]
      : [],
    function: functions.map((name, index) => ({
      id: index + 1,
      name: text(name),
      systemName: text(name),
      filename: text(made.fileOf?.[name] ?? 'main.go'),
      startLine: 10 * index + 1,
    })),
    location: names.map((name, index) => {
      const entry = functions.indexOf(name)
      return entry < 0
        ? { id: index + 1, mappingId: mapped ? 2 : 0, address: Number.parseInt(name.slice(1), 16) }
        : {
            id: index + 1,
            mappingId: mapped ? 1 : 0,
            address: 0x400000 + 16 * index,
            line: [{ functionId: entry + 1, line: 10 * entry + 3 }],
          }
    }),
    sample: made.samples.map(({ stack, values, labels = {} }) => ({
      locationId: stack.map((name) => names.indexOf(name) + 1),
      value: [...values],
      label: Object.entries(labels).map(([key, str]) => ({ key: text(key), str: text(str) })),
    })),
    dropFrames: text(made.dropFrames ?? ''),
    keepFrames: text(made.keepFrames ?? ''),
    defaultSampleType: text(made.defaultSampleType ?? ''),
    stringTable: strings,
  }
}
