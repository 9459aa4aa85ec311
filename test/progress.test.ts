import { describe, expect, jest, test } from '@jest/globals'
import { lineProgress, redrawnProgress } from '../src/progress.ts'

/** Runs `work` with a clock that it moves itself. */
function withClock(work: (pass: (ms: number) => void) => void): void {
  jest.useFakeTimers()
  try {
    work((ms) => {
      jest.advanceTimersByTime(ms)
    })
  } finally {
    jest.useRealTimers()
  }
}

describe('progress in a log', () => {
  test('is a line for each stage, and one every five seconds of its load', () => {
    withClock((pass) => {
      const lines: string[] = []
      const progress = lineProgress((line) => lines.push(line))
      progress.stage('boot')
      progress.stage('round 1 of 2')
      for (let answered = 1; answered <= 12_000; answered++) {
        progress.requests(answered, 20_000)
        pass(1)
      }
      progress.stage('round 2 of 2')
      progress.requests(1, 20_000)
      progress.end()
      expect(lines).toEqual([
        'heapgate: boot',
        'heapgate: round 1 of 2',
        'heapgate: round 1 of 2: 5,001 of 20,000 requests, 1,000 a second',
        'heapgate: round 1 of 2: 10,001 of 20,000 requests, 1,000 a second',
        'heapgate: round 2 of 2',
      ])
    })
  })
})

describe('progress in a terminal', () => {
  test('is one line that is drawn again, ten times a second, and gone at the end', () => {
    withClock((pass) => {
      let screen = ''
      const progress = redrawnProgress((text) => (screen += text))
      progress.stage('warm-up')
      for (let answered = 1; answered <= 1000; answered++) {
        progress.requests(answered, 1000)
        pass(1)
      }
      progress.end()
      const drawn = screen.split('\r\u001b[2K').slice(1)
      expect(drawn[0]).toBe('heapgate: warm-up …')
      expect(drawn[1]).toBe('heapgate: warm-up: 101 of 1,000 requests, 1,010 a second')
      expect(drawn).toHaveLength(1 + 9 + 1)
      expect(drawn.at(-1)).toBe('')
      expect(screen).not.toContain('\n')
    })
  })
})
