import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { parseMemStats } from '../../src/snapshot/mem-stats.ts'

const RECORDED = new URL('../../fixtures/mem-stats/', import.meta.url)
const recorded = (name: string): string => readFileSync(new URL(name, RECORDED), 'utf8')

/** The counters alone, as runtime/pprof writes them. */
const TAIL = [
  '# runtime.MemStats',
  '# TotalAlloc = 60',
  '# Sys = 100',
  '# HeapAlloc = 20',
  '# HeapReleased = 10',
  '# HeapObjects = 3',
  '# Stack = 7 / 8',
  '# NumGC = 6',
  '# NumForcedGC = 2',
  '# GCCPUFraction = 1.5e-05',
  '',
].join('\n')

describe('the counters at the end of a heap profile as text', () => {
  test.each([
    ['go1.19.txt', 1_188_568, 840],
    ['go1.23.txt', 1_138_752, 523],
    ['go1.26.txt', 1_174_744, 662],
    ['go1.27.txt', 1_156_440, 643],
  ])('are read from %s', (name, heapAlloc, heapObjects) => {
    expect(parseMemStats(recorded(name))).toMatchObject({ heapAlloc, heapObjects })
  })

  test('are read from the tail of the text alone', () => {
    for (const name of readdirSync(RECORDED)) {
      const text = recorded(name)
      expect(parseMemStats(text.slice(text.indexOf('# runtime.MemStats')))).toEqual(
        parseMemStats(text),
      )
    }
  })

  test('are not what a function or a label before them is called', () => {
    const text = '#\t0x1\tmain.x\n# HeapAlloc = 1\n# HeapObjects = 1\n'
    expect(parseMemStats(text)).toBeUndefined()
    expect(parseMemStats(`${text}\n${TAIL}`)).toEqual({
      ...{ heapAlloc: 20, heapObjects: 3, totalAlloc: 60, stackInuse: 7, goMemory: 90 },
      ...{ gcCount: 4, gcCpuFraction: 1.5e-5 },
    })
  })

  test.each([
    '',
    '<html>not found</html>',
    '# runtime.MemStats\n# Alloc = 1\n',
    '# runtime.MemStats\n# HeapAlloc = 12\n# HeapObj',
    '# runtime.MemStats\n# HeapAlloc = -5\n# HeapObjects = 2\n',
    '# runtime.MemStats\n# HeapAlloc = 99999999999999999999\n# HeapObjects = 2\n',
  ])('are missed in %j', (text) => {
    expect(parseMemStats(text)).toBeUndefined()
  })
})
