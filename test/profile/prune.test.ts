import { expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { functionRows } from '../../src/profile/graph.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { withoutDroppedFrames } from '../../src/profile/prune.ts'
import { MADE, madeBytes } from '../support/made-profiles.ts'
import { profileBytes, stacksMessage } from '../support/profile-bytes.ts'

const pruned = async (
  stack: string,
  dropFrames: string,
  keepFrames = '',
): Promise<readonly string[]> => {
  const profile: Profile = decodeProfile(
    profileBytes(stacksMessage([{ stack: stack.split(' '), value: 1 }])),
  )
  return functionRows(await withoutDroppedFrames({ ...profile, dropFrames, keepFrames }), {
    type: 0,
    granularity: 'functions',
  }).map(({ name, flat }) => `${name}=${flat}`)
}

test('a dropped frame goes with all that it called', async () => {
  expect(await pruned('inner malloc leaf main', 'malloc')).toEqual(['leaf=1', 'main=0'])
})

test('a frame that keep_frames matches stays', async () => {
  expect(await pruned('runtime.panic main', 'runtime\\..*', 'runtime\\.panic')).toEqual([
    'runtime.panic=1',
    'main=0',
  ])
})

test('nothing above the first frame of the user is dropped', async () => {
  expect(await pruned('leaf main runtime.main', 'runtime\\..*')).toEqual([
    'leaf=1',
    'main=0',
    'runtime.main=0',
  ])
})

test('the arguments of a function do not count, and the expression is anchored', async () => {
  expect(await pruned('operator()(int) mallocs main', 'malloc|operator\\(\\)')).toEqual([
    'mallocs=1',
    'main=0',
  ])
})

test('a profile takes no longer for an expression that a backtracking engine never ends', async () => {
  const name = 'a'.repeat(5000)
  expect(await pruned(`${name} main`, '(a*)*b')).toEqual([`${name}=1`, 'main=0'])
})

test.each([
  ['main\\.(f1|f2', ''],
  ['leaf', '('],
])('a mistaken expression drops nothing: %s but %s', async (drop, keep) => {
  expect(await pruned('leaf main', drop, keep)).toEqual(['leaf=1', 'main=0'])
})

test('a sample without a stack stays', async () => {
  const profile = decodeProfile(madeBytes(MADE['empty-stack-drop']))
  expect((await withoutDroppedFrames(profile)).samples.count).toBe(profile.samples.count)
})
