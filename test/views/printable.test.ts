import { expect, test } from '@jest/globals'
import { decodeProfile } from '../../src/profile/decode.ts'
import { printable, printableSource } from '../../src/views/printable.ts'
import { DEFAULT_OPTIONS, prepareReport } from '../../src/views/report.ts'
import { topText } from '../../src/views/top.ts'
import { tracesText } from '../../src/views/traces.ts'
import { treeText } from '../../src/views/tree.ts'
import { profileBytes, stacksMessage } from '../support/profile-bytes.ts'

test('control characters and changes of direction become escapes', () => {
  expect(printable('a\u001b[2Jb\nc\u009b1m\u202e')).toBe('a\\x1b[2Jb\\x0ac\\x9b1m\\u202e')
  expect(printable('Größe λ 漢字')).toBe('Größe λ 漢字')
})

test('a source line keeps its tabs', () => {
  expect(printableSource('\treturn "\u001b"')).toBe('\treturn "\\x1b"')
})

test('a unit that holds an escape comes out as text', async () => {
  const message = stacksMessage([{ stack: ['main'], value: 5 }])
  const strings = message.stringTable.map((text) => (text === 'bytes' ? 'b\u001b[2J' : text))
  const profile = decodeProfile(profileBytes({ ...message, stringTable: strings }))
  const report = await prepareReport(profile, DEFAULT_OPTIONS)
  expect(topText(report, () => '')).toContain('5b\\x1b[2J')
})

test('names with line breaks and escapes forge no line of any view', async () => {
  const message = stacksMessage([{ stack: ['evil\u001b[1A\n  999 100%', 'main'], value: 5 }])
  const profile = decodeProfile(profileBytes({ ...message, comment: [4], docUrl: 4 }))
  const report = await prepareReport(profile, DEFAULT_OPTIONS)
  for (const view of [topText, treeText, tracesText]) {
    const text = view(report, () => '')
    expect(text).not.toContain('\u001b')
    expect(text).not.toMatch(/^ {2}999/m)
    expect(text).toContain('evil\\x1b[1A\\x0a  999 100%')
  }
})
