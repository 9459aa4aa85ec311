import { formatCount } from './units/count.ts'

/** What the gate is doing, told while it does it. */
export interface Progress {
  /** A stage begins: `warm-up`, `round 2 of 5`. */
  readonly stage: (name: string) => void
  /** Requests answered so far in the stage's load. */
  readonly requests: (answered: number, asked: number) => void
  /** Nothing more will be told. */
  readonly end: () => void
}

const LINE_EVERY_MS = 5000
const REDRAW_EVERY_MS = 100

interface Load {
  readonly since: number
  readonly answered: number
  readonly asked: number
}

/** A line for each stage, and one every few seconds while its load goes on. */
export function lineProgress(write: (line: string) => void): Progress {
  return watched(LINE_EVERY_MS, {
    begin: (stage) => {
      write(`heapgate: ${stage}`)
    },
    redraw: (stage, load) => {
      write(`heapgate: ${stage}: ${describe(load)}`)
    },
    end: () => undefined,
  })
}

/** One line that is drawn again and again, for a terminal that a person watches. */
export function redrawnProgress(write: (text: string) => void): Progress {
  const draw = (text: string): void => {
    write(`\r\u001b[2K${text}`)
  }
  return watched(REDRAW_EVERY_MS, {
    begin: (stage) => {
      draw(`heapgate: ${stage} …`)
    },
    redraw: (stage, load) => {
      draw(`heapgate: ${stage}: ${describe(load)}`)
    },
    end: () => {
      draw('')
    },
  })
}

function watched(
  everyMs: number,
  view: {
    readonly begin: (stage: string) => void
    readonly redraw: (stage: string, load: Load) => void
    readonly end: () => void
  },
): Progress {
  let stage = ''
  let since: number | undefined
  let drawn = 0
  return {
    stage: (name) => {
      stage = name
      since = undefined
      view.begin(name)
    },
    requests: (answered, asked) => {
      const now = performance.now()
      if (since === undefined) {
        since = now
        drawn = now
      }
      if (now - drawn < everyMs) return
      drawn = now
      view.redraw(stage, { since, answered, asked })
    },
    end: view.end,
  }
}

function describe({ since, answered, asked }: Load): string {
  const seconds = (performance.now() - since) / 1000
  const rate = seconds > 0 ? `, ${formatCount(answered / seconds)} a second` : ''
  return `${formatCount(answered)} of ${formatCount(asked)} requests${rate}`
}
