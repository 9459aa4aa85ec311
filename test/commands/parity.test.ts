import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Command } from '../../src/commands/command.ts'
import { diff } from '../../src/commands/diff.ts'
import { list } from '../../src/commands/list.ts'
import { merge } from '../../src/commands/merge.ts'
import { peek } from '../../src/commands/peek.ts'
import { top } from '../../src/commands/top.ts'
import { traces } from '../../src/commands/traces.ts'
import { tree } from '../../src/commands/tree.ts'
import { MADE, madeBytes } from '../support/made-profiles.ts'
import { captureProfiles, findPprof, type Pprof } from '../support/pprof.ts'
import { runCommand } from '../support/run-command.ts'

const LAB = fileURLToPath(new URL('../../fixtures/services/profiles-lab/', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'parity-'))

const VIEWS: Readonly<Record<string, Command>> = { list, peek, top, traces, tree }

/** `view`, its expression or `''`, flags that both sides take, and profiles by name. */
interface Case {
  readonly view: string
  readonly expression: string
  readonly flags: readonly string[]
  readonly profiles: readonly string[]
}

const HEAP_TYPES = ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space']
const GRANULARITIES = ['functions', 'filefunctions', 'files', 'lines', 'addresses']
const KINDS = ['allocs-1', 'goroutine-1', 'threadcreate', 'block', 'mutex', 'cpu', 'goroutineleak']
const DIFF_BASE = ['-diff_base', 'rate-1/heap-0']
const BUILDS = ['-diff_base', 'rate-4096/heap-1', 'changed/heap-1']

function cases(): Case[] {
  const all: Case[] = []
  const add = (view: string, flags: readonly string[], profiles: readonly string[]): void => {
    const expression = EXPRESSIONS[view] ?? ''
    all.push({ view, expression, flags, profiles })
  }
  for (const view of Object.keys(VIEWS)) {
    for (const type of HEAP_TYPES) {
      add(view, ['-sample_index', type], ['rate-1/heap-1'])
      add(view, ['-sample_index', type], ['rate-4096/heap-1'])
      add(view, ['-sample_index', type, ...DIFF_BASE], ['rate-1/heap-1'])
      add(view, ['-sample_index', type, '-base', 'rate-1/heap-0'], ['rate-1/heap-1'])
      add(view, ['-sample_index', type, ...BUILDS.slice(0, 2)], BUILDS.slice(2))
    }
    for (const kind of KINDS) {
      if (view !== 'peek' && view !== 'list') add(view, [], [`rate-4096/${kind}`])
    }
    for (const granularity of GRANULARITIES) {
      for (const more of [[], ['-noinlines'], ['-cum'], DIFF_BASE]) {
        add(view, [`-${granularity}`, ...more], ['rate-1/heap-1'])
      }
      if (view !== 'peek' && view !== 'list') add(view, [`-${granularity}`], ['rate-4096/cpu'])
    }
    for (const flags of SPELLINGS) add(view, flags, ['rate-1/heap-1'])
    for (const name of Object.keys(MADE)) {
      for (const flags of name === 'cpu' ? UNITS : MADE_FLAGS) add(view, flags, [`made/${name}`])
    }
    for (const flags of FILTERS) {
      add(view, flags, ['rate-1/heap-1'])
      add(view, [...flags, ...DIFF_BASE], ['rate-1/heap-1'])
    }
    add(view, [], ['rate-1/heap-0', 'rate-1/heap-1'])
    add(view, ['-diff_base', 'rate-1/goroutine-0'], ['rate-1/goroutine-1'])
  }
  return all
}

const EXPRESSIONS: Readonly<Record<string, string>> = {
  peek: 'Grow|keep|put|main$',
  list: 'keep|fib|store|put|main\\.main',
}

const MADE_FLAGS: readonly (readonly string[])[] = [
  ...GRANULARITIES.map((granularity) => [`-${granularity}`]),
  ['-hide', 'put'],
  ['-hide', 'libc'],
  ['-hide', '.*'],
  ['-focus', '^$'],
  ['-hide', 'put', '-show', 'main|libc'],
  ['-show', 'put|libc'],
  ['-focus', 'libc|serve'],
  ['-ignore', 'prog|pprof'],
]

const UNITS = ['μs', 'µs', 'us', 'ms', 'bs'].map((unit) => ['-unit', unit])

/** Flags in other words than most write them, and expressions that other engines take otherwise. */
const SPELLINGS: readonly (readonly string[])[] = [
  ['-cum=true'],
  ['-cum', '-cum=F'],
  ['-noinlines=false', '-lines'],
  ['-nodecount=+5'],
  ['-nodecount=0x5'],
  ['-nodecount=010'],
  ['-nodecount=-7'],
  ['-nodecount=3', '-nodecount=5'],
  ['-nodefraction=-0.1'],
  ['-nodefraction=1E-2'],
  ['-nodefraction=5.'],
  ['-nodefraction=+.05'],
  ['-base='],
  ['-base=', ...DIFF_BASE],
  ['-base', 'rate-1/goroutine-0', '-base', 'rate-1/heap-0'],
  [...DIFF_BASE, ...DIFF_BASE],
  ['-focus', 'x(?i:GROW)|main\\.(?i:KEEP)'],
  ['-focus', '\\.\\p{Lu}', '-hide', '^[[:^alpha:]]|\\x{6d}ain\\.k'],
  ['-ignore', '\\s|\\155ain\\.e'],
  ['-show', '(?:\\w+[./]?)+keep'],
]

const FILTERS: readonly (readonly string[])[] = [
  ['-focus', 'store'],
  ['-focus', '(?i)GROW$'],
  ['-ignore', 'strings|strconv'],
  ['-hide', 'store\\.'],
  ['-show', 'main\\.|store'],
  ['-focus', 'main.*keep', '-ignore', 'Grow', '-hide', 'Each'],
  ['-focus', 'lab-rate-1'],
  ['-nodecount', '5'],
  ['-nodefraction', '0'],
  ['-nodefraction', '0.2', '-edgefraction', '0.1'],
  ['-drop_negative'],
  ['-drop_negative', '-nodefraction', '0'],
  ['-unit', 'B'],
  ['-unit', 'kB', '-cum'],
  ['-unit', 'auto', '-nodefraction', '0'],
  ['-inuse_objects'],
]

const command = ({ view, expression, flags, profiles }: Case): string =>
  ['pprof', `-${view}${expression === '' ? '' : `=${expression}`}`, ...flags, ...profiles].join(' ')

/** What both sides refuse: pprof's words and ours. */
const REFUSALS = [
  ['no matches found for regexp', 'no function matches'],
  ['empty common sample type list', 'its sample types have one name'],
] as const

/** How often pprof is asked again to see whether it decides by chance; it may take the same way. */
const TRIES = 40

/**
 * Lines in an order that does not depend on which of two equal rows comes first, without the running
 * sum, which does.
 */
const sortedLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/^( *\S+ +\S+%) +\S+%( +\S+ +\S+% )/, '$1$2'))
    .sort()

describe('standard output', () => {
  let pprof: Pprof
  beforeAll(() => {
    captureProfiles(directory)
    mkdirSync(join(directory, 'made'))
    for (const [name, made] of Object.entries(MADE)) {
      writeFileSync(join(directory, `made/${name}.pb.gz`), madeBytes(made))
    }
    pprof = findPprof()
  }, 300_000)
  afterAll(() => {
    rmSync(directory, { recursive: true })
  })

  test('is that of go tool pprof, byte for byte', async () => {
    const withPaths = (words: readonly string[]): string[] =>
      words.map((word) =>
        /^(rate|changed|made)\S*\//.test(word) ? join(directory, `${word}.pb.gz`) : word,
      )
    const differences: string[] = []
    const counts = { equal: 0, unordered: 0, refused: 0, missing: 0 }

    for (const each of cases()) {
      const { view, expression } = each
      const [flags, profiles] = [withPaths(each.flags), withPaths(each.profiles)]
      if (!profiles.every((profile) => existsSync(profile))) {
        counts.missing += 1
        continue
      }
      const theirs = (): ReturnType<Pprof['run']> =>
        pprof.run(
          [`-${view}${expression === '' ? '' : `=${expression}`}`, ...flags, ...profiles],
          LAB,
        )
      const ours = await runCommand(VIEWS[view] ?? top, [
        ...(expression === '' ? [] : [expression]),
        ...(view === 'list' ? ['--source-root', LAB] : []),
        ...flags,
        ...(await asMerged(each, profiles, pprof.version)),
      ]).then(
        ({ out }) => out,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      )

      const first = theirs()
      if (first.kind === 'failed' || ours instanceof Error) {
        const bothRefuse = REFUSALS.some(
          ([reason, ourReason]) =>
            first.kind === 'failed' &&
            first.error.includes(reason) &&
            ours instanceof Error &&
            ours.message.includes(ourReason),
        )
        if (bothRefuse) counts.refused += 1
        else
          differences.push(
            `${command(each)}\n${first.kind === 'failed' ? first.error : ''} ${ours instanceof Error ? ours.message : ''}`,
          )
        continue
      }
      const expected = sameLabels(first.text, pprof.version)
      const got = sameLabels(ours, pprof.version)
      if (got === expected) {
        counts.equal += 1
        continue
      }
      // Rows that pprof itself orders by chance: the same name, the same flat.
      const again = Array.from({ length: TRIES }, theirs)
      const isByChance = again.some((run) => run.kind === 'output' && run.text !== first.text)
      if (isByChance && sortedLines(got).join() === sortedLines(expected).join())
        counts.unordered += 1
      else differences.push(`${command(each)}\n${firstDifference(expected, got)}`)
    }

    const { equal, unordered, refused, missing } = counts
    const compared = equal + unordered + refused + differences.length
    process.stderr.write(
      `parity with ${pprof.version} pprof: ${compared} cases compared, ${equal} equal byte for byte, ` +
        `${unordered} equal but for the order of rows that pprof leaves to chance, ` +
        `${refused} refused by both, ${differences.length} different; ${missing} left out, this Go has no such profile\n`,
    )
    expect(differences).toEqual([])
    expect(equal).toBeGreaterThanOrEqual(200)
  }, 600_000)

  test.each(['top', 'traces', 'raw'])(
    'of pprof -%s is the same for a diff that heapgate wrote and for one that pprof makes',
    async (view) => {
      const [base, current, written] = ['heap-0', 'heap-1', 'diff'].map((name) =>
        join(directory, `rate-1/${name}.pb.gz`),
      )
      if (base === undefined || current === undefined || written === undefined) throw new Error()
      await runCommand(diff, ['-o', written, base, current])
      const flags = [`-${view}`, ...(view === 'raw' ? [] : ['-nodefraction=0'])]
      const ofWritten = pprof.run([...flags, written], LAB)
      const ofPair = pprof.run([...flags, `-diff_base=${base}`, current], LAB)
      expect(ofPair.kind).toBe('output')
      expect(ofWritten).toEqual(ofPair)
    },
  )
})

/** Before Go 1.20 pprof merged a single profile with itself, which shows in the samples. */
async function asMerged(
  { view, flags }: Case,
  profiles: readonly string[],
  goVersion: string,
): Promise<readonly string[]> {
  const [only, ...more] = profiles
  const isSingle = more.length === 0 && !flags.some((flag) => flag.endsWith('base'))
  if (only === undefined || view !== 'traces' || !isSingle || minorOf(goVersion) >= 20)
    return profiles
  await runCommand(merge, ['-o', `${only}.merged`, only])
  return [`${only}.merged`]
}

const minorOf = (goVersion: string): number => Number(/^go1\.(\d+)/.exec(goVersion)?.[1] ?? 0)

/** Before Go 1.24 pprof wrote the time in another layout: such lines are compared by their label. */
function sameLabels(text: string, goVersion: string): string {
  return minorOf(goVersion) < 24 ? text.replace(/^Time: .*$/m, 'Time: …') : text
}

function firstDifference(expected: string, got: string): string {
  const [theirs, ours] = [expected.split('\n'), got.split('\n')]
  const at = theirs.findIndex((line, index) => line !== ours[index])
  return `line ${at + 1}\n  pprof    ${String(theirs[at])}\n  heapgate ${String(ours[at])}`
}
