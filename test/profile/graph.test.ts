import { describe, expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { diffProfiles } from '../../src/profile/diff.ts'
import { functionRows } from '../../src/profile/graph.ts'
import type { Granularity } from '../../src/profile/granularity.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { profileBytes, stacksMessage } from '../support/profile-bytes.ts'
import { recordedNames, recordedProfile, recordedText } from '../support/recorded-profiles.ts'

const stacks = (...entries: readonly (readonly [string, number])[]): Profile =>
  decodeProfile(
    profileBytes(
      stacksMessage(entries.map(([stack, value]) => ({ stack: stack.split(' '), value }))),
    ),
  )

const rows = (profile: Profile, granularity: Granularity = 'functions'): string[] =>
  functionRows(profile, { type: profile.sampleTypes.length - 1, granularity }).map(
    ({ name, flat, cum }) => `${name} ${flat} ${cum}`,
  )

describe('flat and cum', () => {
  test('flat is of the leaf, cum of everything that called it', () => {
    expect(rows(stacks(['leaf mid main', 3], ['mid main', 2]))).toEqual([
      'leaf 3 3',
      'mid 2 5',
      'main 0 5',
    ])
  })

  test('recursion counts once for each sample', () => {
    expect(rows(stacks(['f g f g f main', 4]))).toEqual(['f 4 4', 'g 0 4', 'main 0 4'])
  })

  test('rows are sorted without regard to the sign, then by name', () => {
    expect(rows(stacks(['b', -5], ['a', 5], ['c', 7]))).toEqual(['c 7 7', 'a 5 5', 'b -5 -5'])
  })

  test('inlined functions are nodes of their own, and the innermost has the flat', () => {
    const message = stacksMessage([{ stack: ['outer'], value: 6 }])
    const profile = decodeProfile(
      profileBytes({
        ...message,
        stringTable: [...message.stringTable, 'inner'],
        function: [...message.function, { id: 2, name: 5, systemName: 5 }],
        location: [{ id: 1, line: [{ functionId: 2 }, { functionId: 1 }] }],
      }),
    )
    expect(rows(profile)).toEqual(['inner 6 6', 'outer 0 6'])
  })

  test('granularity decides what is one node', () => {
    const profile = stacks(['a main', 1], ['b main', 2])
    expect(rows(profile, 'files')).toEqual(['main.go 3 3'])
    expect(rows(profile, 'lines')).toEqual([
      'b main.go:12 2 2',
      'a main.go:10 1 1',
      'main main.go:11 0 3',
    ])
    expect(rows(profile, 'addresses')[0]).toBe('0000000000001002 b main.go:12 2 2')
  })
})

/** Rows of `go tool pprof -top`, as `flat cum name`, without the suffixes about inlining. */
function recordedRows(name: string): string[] {
  return recordedText(name)
    .split('\n')
    .map((line) => /^ *(\S+) +\S+ +\S+ +(\S+) +\S+ {2}(.*)$/.exec(line))
    .flatMap((match) => (match === null || match[1] === 'flat' ? [] : [match]))
    .map(
      ([, flat, cum, function_ = '']) =>
        `${flat} ${cum} ${function_.replace(/ \((partial-)?inline\)$/, '')}`,
    )
}

describe('what go tool pprof prints', () => {
  test.each(recordedNames())('%s has the same rows in the same order', (name) => {
    const profile = recordedProfile(name)
    const type = profile.defaultSampleType === 'alloc_space' ? 1 : profile.sampleTypes.length - 1
    const ours = functionRows(profile, { type, granularity: 'functions' }).map((row) => row.name)
    const theirs = recordedRows(name.replace('.pb.gz', '.top.txt')).map((row) =>
      row.split(' ').slice(2).join(' '),
    )
    expect(ours).toEqual(theirs)
  })

  test.each([
    'go1.19-rate-1',
    'go1.19-changed',
    'go1.27-rate-1',
    'go1.27-rate-4096',
    'go1.27-changed',
  ])('the growth of the heap of %s is the same to the byte', (directory) => {
    const base = recordedProfile(`${directory}/heap-0.pb.gz`)
    const current = recordedProfile(`${directory}/heap-1.pb.gz`)
    const ours = functionRows(diffProfiles(base, current, 'diff_base'), {
      type: 3,
      granularity: 'functions',
    }).map(({ flat, cum, name }) => {
      const bytes = (value: number): string => (value === 0 ? '0' : `${value}B`)
      return `${bytes(flat)} ${bytes(cum)} ${name}`
    })
    expect(ours).toEqual(recordedRows(`${directory}/heap-diff.top.txt`))
  })
})
