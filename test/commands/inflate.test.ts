import { describe, expect, it } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { inflated } from '../../src/commands/inflate.ts'

const text = Buffer.from('a profile '.repeat(10_000))
const gzip = gzipSync(text)

describe('inflated', () => {
  it('inflates gzip, whole or as several members', () => {
    expect(Buffer.from(inflated(gzip)).equals(text)).toBe(true)
    const two = Buffer.concat([gzip, gzipSync('and more')])
    expect(Buffer.from(inflated(two)).toString()).toBe(`${text.toString()}and more`)
  })

  it('takes a trailer that announces a false size', () => {
    const wrong = Buffer.from(gzipSync(text))
    wrong.writeUInt32LE(0xffffffff, wrong.length - 4)
    expect(inflated(wrong)).toBe(wrong)
  })

  it.each([
    ['what is no gzip', text],
    ['gzip that is cut short', gzip.subarray(0, gzip.length - 9)],
    ['gzip with something behind it', Buffer.concat([gzip, Buffer.from('garbage')])],
    ['gzip with zeros behind it', Buffer.concat([gzip, Buffer.alloc(3)])],
    ['gzip inside gzip', gzipSync(gzip)],
    ['gzip of nothing', gzipSync('')],
    ['a header alone', Buffer.from([0x1f, 0x8b])],
  ])('leaves %s as it is, for the decoder to explain', (_, bytes) => {
    expect(inflated(bytes)).toBe(bytes)
  })

  it('leaves a bomb as it is', () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 29 + 1), { level: 1 })
    expect(inflated(bomb)).toBe(bomb)
  }, 60_000)
})
