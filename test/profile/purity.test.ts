import { createContext, runInContext } from 'node:vm'
import { expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { recordedBytes } from '../support/recorded-profiles.ts'

test('the engine and its views run where there is nothing of Node', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { decodeProfile } from './src/profile/decode.ts'
        import { diffProfiles } from './src/profile/diff.ts'
        import { encodeProfileGzip } from './src/profile/encode.ts'
        import { alignStacks } from './src/profile/stacks.ts'
        import { DEFAULT_OPTIONS, prepareReport } from './src/views/report.ts'
        import { listText } from './src/views/list.ts'
        import { topText } from './src/views/top.ts'
        import { tracesText } from './src/views/traces.ts'
        import { treeText } from './src/views/tree.ts'
        const [base, current] = [decodeProfile(one), decodeProfile(two)]
        const diff = decodeProfile(encodeProfileGzip(diffProfiles(base, current, 'base')))
        const time = () => ''
        result = prepareReport(diff, { ...DEFAULT_OPTIONS, focus: '\\\\pLain' }).then((report) => [topText(report, time), treeText(report, time), tracesText(report, time),
          listText(report, /main/, () => ({ kind: 'lines', lines: [] })),
          String(alignStacks([base, current]).length)])`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
  })
  const context = createContext({
    TextDecoder,
    TextEncoder,
    Uint8Array,
    one: recordedBytes('go1.27-rate-1/heap-0.pb.gz'),
    two: recordedBytes('go1.27-rate-1/heap-1.pb.gz'),
    result: undefined,
  })
  runInContext(outputFiles[0]?.text ?? '', context)
  const texts: unknown = await context['result']
  expect(texts).toHaveLength(5)
  expect(String(texts)).toContain('main.keep')
})
