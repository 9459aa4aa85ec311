import { treeData, treeText } from '../views/tree.ts'
import { localTime } from './local-time.ts'
import { viewCommand } from './view-command.ts'

export const peek = viewCommand({
  name: 'peek',
  summary: 'Callers and callees of matching functions, as `go tool pprof -peek`.',
  takesExpression: true,
  fixed: { nodeCount: 0, nodeFraction: 0, edgeFraction: 0 },
  text: (report, { expression }) => treeText(report, localTime, expression),
  data: (report, { expression }) => treeData(report, expression),
})
