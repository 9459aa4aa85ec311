import { treeData, treeText } from '../views/tree.ts'
import { localTime } from './local-time.ts'
import { viewCommand } from './view-command.ts'

export const tree = viewCommand({
  name: 'tree',
  summary: 'Functions between their callers and what they call, as `go tool pprof -tree`.',
  defaults: { nodeCount: 80 },
  text: (report) => treeText(report, localTime),
  data: (report) => treeData(report),
})
