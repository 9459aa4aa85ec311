import { expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { functionRows } from '../../src/profile/graph.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { withoutDroppedFrames } from '../../src/profile/prune.ts'
import { profileBytes, stacksMessage } from '../support/profile-bytes.ts'

const pruned = (stack: string, dropFrames: string, keepFrames = ''): string[] => {
  const profile: Profile = decodeProfile(
    profileBytes(stacksMessage([{ stack: stack.split(' '), value: 1 }])),
  )
  return functionRows(withoutDroppedFrames({ ...profile, dropFrames, keepFrames }), {
    type: 0,
    granularity: 'functions',
  }).map(({ name, flat }) => `${name}=${flat}`)
}

test('a dropped frame goes with all that it called', () => {
  expect(pruned('inner malloc leaf main', 'malloc')).toEqual(['leaf=1', 'main=0'])
})

test('a frame that keep_frames matches stays', () => {
  expect(pruned('runtime.panic main', 'runtime\\..*', 'runtime\\.panic')).toEqual([
    'runtime.panic=1',
    'main=0',
  ])
})

test('nothing above the first frame of the user is dropped', () => {
  expect(pruned('leaf main runtime.main', 'runtime\\..*')).toEqual([
    'leaf=1',
    'main=0',
    'runtime.main=0',
  ])
})

test('the arguments of a function do not count, and the expression is anchored', () => {
  expect(pruned('operator()(int) mallocs main', 'malloc|operator\\(\\)')).toEqual([
    'mallocs=1',
    'main=0',
  ])
})
