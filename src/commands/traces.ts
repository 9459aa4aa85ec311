import { tracesData, tracesText } from '../views/traces.ts'
import { localTime } from './local-time.ts'
import { viewCommand } from './view-command.ts'

export const traces = viewCommand({
  name: 'traces',
  summary: 'Every sample with its stack, as `go tool pprof -traces`.',
  text: (report) => tracesText(report, localTime),
  data: tracesData,
})
