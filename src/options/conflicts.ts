import type { GATE_OPTIONS } from './table.ts'

/** Options that are mistaken together: a line each. */
export function gateConflicts(
  isGiven: (name: keyof typeof GATE_OPTIONS) => boolean,
): readonly string[] {
  const conflicts: string[] = []
  if (isGiven('instrument') && isGiven('pprof-url')) {
    conflicts.push('pprof-url: not with instrument, which serves pprof at an address of its own')
  }
  if (isGiven('instrument') && !isGiven('run')) {
    conflicts.push('instrument: needs run: only a service that is started here is instrumented')
  }
  return conflicts
}
