import { expect, test } from '@jest/globals'
import { whyNot } from '../../src/service/instrumented.ts'

const running = (mainPackage: string | undefined): Parameters<typeof whyNot>[0] => ({
  goVersion: 'go1.27.3',
  mainModule: undefined,
  mainPackage,
})

test.each([
  [undefined, 'no process that `run` started is a Go program', 'container'],
  [running('command-line-arguments'), 'files named one by one', 'Name the package instead'],
  [running('example.com/shop/cmd/admin'), 'what runs is example.com/shop/cmd/admin', 'Let `instr'],
  [running(undefined), 'what runs is a program without a package', 'Let `instrument` name'],
  [running('example.com/shop'), 'that runs was built without it', 'Makefile'],
  [running('example.com/shop'), 'that runs was built without it', 'through a symbolic link'],
])('a service that runs without our pprof is told by what it is: %j', (info, why, hint) => {
  const explanation = whyNot(info, 'example.com/shop')
  expect(explanation.why).toContain(why)
  expect(explanation.hint).toContain(hint)
})
