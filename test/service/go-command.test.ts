import { expect, test } from '@jest/globals'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goCommand, type GoAnswer } from '../../src/service/go-command.ts'
import { inScratch, leftovers } from '../support/heapgate.ts'

/** Calls `work` with a `go` that is a script, and a word that is in the command of its child. */
const withScript = (
  work: (
    go: (timeoutMs: number, signal: AbortSignal) => Promise<GoAnswer>,
    word: string,
  ) => Promise<void>,
): Promise<void> =>
  inScratch(async (scratch) => {
    const word = `60.${process.hrtime.bigint().toString()}`
    await mkdir(join(scratch, 'bin'))
    const script = join(scratch, 'bin/go')
    await writeFile(script, `#!/bin/sh\necho begun\nsleep ${word}\necho done\n`)
    await chmod(script, 0o755)
    const environment = { PATH: `${join(scratch, 'bin')}:/usr/bin:/bin` }
    await work(
      (timeoutMs, signal) =>
        goCommand(['list'], { directory: scratch, environment, timeoutMs, signal }),
      word,
    )
    expect(await leftovers(`sleep ${word}`, 0)).toEqual([])
  })

test('a go command that is cancelled ends with the children of a script that it is', () =>
  withScript(async (go, word) => {
    const cancel = new AbortController()
    const answer = go(60_000, cancel.signal)
    const ended = expect(answer).rejects.toThrow('enough')
    while ((await leftovers(`sleep ${word}`, 0)).length === 0) continue
    cancel.abort(new Error('enough'))
    await ended
  }))

test('a go command that takes too long is an answer that is not ok', () =>
  withScript(async (go) => {
    const { ok, stdout, stderr } = await go(300, new AbortController().signal)
    expect([ok, stdout, stderr]).toEqual([false, 'begun\n', 'go list: not done within 300 ms'])
  }))
