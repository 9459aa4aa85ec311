import { describe, expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { filterByName, type NameFilter } from '../../src/profile/filter.ts'
import { functionRows } from '../../src/profile/graph.ts'
import { MADE, madeBytes } from '../support/made-profiles.ts'
import { profileBytes, stacksMessage } from '../support/profile-bytes.ts'

const profile = decodeProfile(
  profileBytes(
    stacksMessage([
      { stack: ['leaf', 'mid', 'main'], value: 1 },
      { stack: ['other', 'main'], value: 2 },
    ]),
  ),
)

function rows(filter: NameFilter): string[] {
  return functionRows(filterByName(profile, filter).profile, {
    type: 0,
    granularity: 'functions',
  }).map(({ name, flat, cum }) => `${name} ${flat} ${cum}`)
}

describe('a filter', () => {
  test('focus keeps whole samples with a matching frame', () => {
    expect(rows({ focus: /^mid$/ })).toEqual(['leaf 1 1', 'main 0 1', 'mid 0 1'])
  })

  test('ignore drops whole samples with a matching frame', () => {
    expect(rows({ ignore: /leaf/ })).toEqual(['other 2 2', 'main 0 2'])
  })

  test('hide takes frames out, and their flat goes to the caller', () => {
    expect(rows({ hide: /leaf|other/ })).toEqual(['main 2 3', 'mid 1 1'])
  })

  test('show keeps matching frames alone, and drops samples without any', () => {
    expect(rows({ show: /mid/ })).toEqual(['mid 1 1'])
  })

  test('hide leaves addresses that have no function, unless it matches their binary', () => {
    const addresses = decodeProfile(madeBytes(MADE.addresses))
    const stackLengths = (filter: NameFilter): number[] => {
      const { samples } = filterByName(addresses, filter).profile
      return [...samples.locationStart.subarray(1)].map(
        (end, sample) => end - (samples.locationStart[sample] ?? 0),
      )
    }
    expect(stackLengths({ hide: /put/ })).toEqual([2, 2, 1, 1])
    expect(stackLengths({ hide: /libc/ })).toEqual([3, 2, 1])
    expect(stackLengths({ show: /put/ })).toEqual([1, 1])
  })

  test('file names count as well as functions', () => {
    expect(rows({ focus: /main\.go/ })).toHaveLength(4)
  })

  test('tells which expressions matched nothing', () => {
    const { unmatched } = filterByName(profile, { focus: /nowhere/, hide: /never/, show: /main/ })
    expect(unmatched).toEqual(['focus', 'hide'])
  })
})
