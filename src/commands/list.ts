import { sourceLookup } from '../source/lookup.ts'
import { listData, listText } from '../views/list.ts'
import { viewCommand, type ViewRequest } from './view-command.ts'

export const list = viewCommand({
  name: 'list',
  summary: 'Source of matching functions with flat and cum by line, as `go tool pprof -list`.',
  takesExpression: true,
  flags: {
    'source-root': {
      kind: 'value',
      placeholder: 'DIR',
      summary: 'read source from inside this directory only (default: the current one)',
    },
  },
  text: (report, request) => listText(report, request.expression, lookup(request)),
  data: (report, request) => listData(report, request.expression, lookup(request)),
})

function lookup({ flags }: ViewRequest): ReturnType<typeof sourceLookup> {
  return sourceLookup(flags.get('source-root') ?? process.cwd())
}
