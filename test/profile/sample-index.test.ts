import { describe, expect, test } from '@jest/globals'
import { sampleIndex } from '../../src/profile/sample-index.ts'
import { recordedProfile } from '../support/recorded-profiles.ts'

describe('the sample type', () => {
  const heap = recordedProfile('go1.27-rate-1/heap-0.pb.gz')
  const allocs = recordedProfile('go1.27-rate-1/allocs-0.pb.gz')

  test('is the last one when nothing says otherwise', () => {
    expect(sampleIndex(heap)).toBe(3)
  })

  test('is the default that the profile names', () => {
    expect(allocs.defaultSampleType).toBe('alloc_space')
    expect(sampleIndex(allocs)).toBe(1)
  })

  test('is found by name and by index', () => {
    expect(sampleIndex(heap, 'alloc_objects')).toBe(0)
    expect(sampleIndex(heap, '2')).toBe(2)
  })

  test('is found with inuse_ before the name, as for profiles of type space', () => {
    const legacy = { ...heap, sampleTypes: [{ type: 'space', unit: 'bytes' }] }
    expect(sampleIndex(legacy, 'inuse_space')).toBe(0)
  })

  test.each(['4', '-1', 'cpu'])('%s is refused, and what there is is listed', (wanted) => {
    expect(() => sampleIndex(heap, wanted)).toThrow(
      expect.objectContaining({
        hint: 'It has alloc_objects, alloc_space, inuse_objects, inuse_space.',
      }),
    )
  })
})
