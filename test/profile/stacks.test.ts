import { describe, expect, test } from '@jest/globals'
import { diffProfiles } from '../../src/profile/diff.ts'
import { functionRows } from '../../src/profile/graph.ts'
import { alignStacks } from '../../src/profile/stacks.ts'
import { recordedProfile } from '../support/recorded-profiles.ts'

const SPACE = 3

describe('aligned stacks', () => {
  const snapshots = ['heap-0', 'heap-1'].map((name) =>
    recordedProfile(`go1.27-rate-4096/${name}.pb.gz`),
  )
  const stacks = alignStacks(snapshots)

  test('are as many as there are distinct stacks, whatever the sizes of their blocks', () => {
    const distinct = new Set(
      stacks.map(({ frames }) => frames.map((frame) => `${frame.function}:${frame.line}`).join()),
    )
    expect(distinct.size).toBeGreaterThan(10)
    expect(stacks.length).toBeGreaterThanOrEqual(distinct.size)
    expect(stacks.some(({ buckets }) => buckets.length > 1)).toBe(true)
  })

  test('hold each profile whole', () => {
    for (const [index, snapshot] of snapshots.entries()) {
      for (const type of snapshot.sampleTypes.keys()) {
        const all = stacks.reduce((sum, { values }) => sum + (values[index]?.[type] ?? 0), 0)
        const expected = snapshot.samples.values.filter((_, at) => at % 4 === type)
        expect(all).toBe(expected.reduce((sum, value) => sum + value, 0))
      }
    }
  })

  test('grow by function as the diff of pprof says', () => {
    const [base, current] = snapshots
    if (base === undefined || current === undefined) throw new Error('two snapshots')
    const flat = new Map<string, number>()
    for (const { frames, values } of stacks) {
      const growth = (values[1]?.[SPACE] ?? 0) - (values[0]?.[SPACE] ?? 0)
      const leaf = frames[0]?.function ?? ''
      flat.set(leaf, (flat.get(leaf) ?? 0) + growth)
    }
    const rows = functionRows(diffProfiles(base, current, 'base'), {
      type: SPACE,
      granularity: 'functions',
    })
    for (const { name, flat: expected } of rows) expect(flat.get(name) ?? 0).toBe(expected)
  })

  test('have their buckets by block size, each of whole blocks', () => {
    for (const { buckets, values } of stacks) {
      expect(buckets.map(({ blockSize }) => blockSize)).not.toContain(undefined)
      const total = buckets.reduce((sum, bucket) => sum + (bucket.values[1]?.[SPACE] ?? 0), 0)
      expect(values[1]?.[SPACE]).toBe(total)
    }
  })

  test('have frames with package and line, and say which calls were inlined', () => {
    const frames = stacks.flatMap((stack) => stack.frames)
    expect(frames).toContainEqual({
      function: 'example.com/profiles-lab/store.Filled',
      package: 'example.com/profiles-lab/store',
      file: 'example.com/profiles-lab/store/store.go',
      line: 45,
      inlined: true,
    })
  })

  test('of profiles without block sizes have one bucket', () => {
    const [stack] = alignStacks([recordedProfile('go1.27-rate-1/goroutine-0.pb.gz')])
    expect(stack?.buckets.map(({ blockSize }) => blockSize)).toEqual([undefined])
  })

  test('of no profiles are none', () => {
    expect(alignStacks([])).toEqual([])
  })
})
