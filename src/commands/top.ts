import { topData, topText } from '../views/top.ts'
import { localTime } from './local-time.ts'
import { viewCommand } from './view-command.ts'

export const top = viewCommand({
  name: 'top',
  summary: 'Functions by what they hold, as `go tool pprof -top`.',
  text: (report) => topText(report, localTime),
  data: topData,
})
