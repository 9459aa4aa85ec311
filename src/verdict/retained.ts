import type { FollowedBudget } from './budgets.ts'
import type { Sifted } from './ignored.ts'
import type { CompleteMeasurement, Snapshot } from './measurement.ts'
import { growthOf, NOTHING, sum } from './places.ts'
import type { Retained } from './result.ts'
import { changeOf, steadyRate } from './trend.ts'

/** What the service kept over all rounds, and the other signals by which operators know a leak. */
export function readRetained(
  measurement: CompleteMeasurement,
  followed: readonly FollowedBudget[],
  sifted: Sifted,
): Retained {
  const { baseline, rounds, goroutines } = measurement
  const last = rounds.at(-1)?.snapshot ?? baseline
  const requests = rounds.map(({ load }) => load.answered)
  const heap = followed.find(({ name }) => name === 'max-retained')
  const bytes = heap?.series.levels ?? [baseline.heapAlloc, last.heapAlloc]
  const ignored = sifted.ignored
    .flatMap(({ stacks }) => stacks)
    .map(growthOf)
    .reduce(sum, NOTHING)
  const objects = [baseline, ...rounds.map(({ snapshot }) => snapshot)].map(
    ({ heapObjects }) => heapObjects,
  )
  const grown = last.heapObjects - baseline.heapObjects
  const resident = difference(last.residentBytes, baseline.residentBytes)
  return {
    bytes: changeOf(bytes),
    bytesPerRequest: steadyRate(bytes, requests, heap?.limits.noise ?? 0),
    objects: grown - ignored.objects,
    objectsPerRequest: steadyRate(objects, requests, 0),
    requests: requests.reduce((all, count) => all + count, 0),
    inuseSpace: last.inuseSpace - baseline.inuseSpace,
    inuseSpaceError: Math.hypot(...measurement.growth.stacks.map(({ bytesError }) => bytesError)),
    goroutines: last.goroutines - baseline.goroutines,
    leakedGoroutines:
      goroutines.leaked === undefined ? null : goroutines.leaked.after - goroutines.leaked.before,
    stackInuse: last.stackInuse - baseline.stackInuse,
    allocatedBytes: last.totalAlloc - baseline.totalAlloc,
    residentBytes: resident,
    outsideGo: resident === null ? null : Math.max(0, resident - last.goMemory),
    threads: difference(last.threads, baseline.threads),
    gcCount: last.gcCount - baseline.gcCount,
    gcCpuFraction: gcCpuShare(baseline, last),
  }
}

/**
 * The share of the CPU time that collections took between two snapshots. GCCPUFraction is that since
 * the start of the process, of GOMAXPROCS times its age; GOMAXPROCS cancels.
 */
function gcCpuShare(before: Snapshot, after: Snapshot): number {
  const [from, to] = [before.uptimeMs, after.uptimeMs]
  if (from === undefined || to === undefined || to <= from) return after.gcCpuFraction
  return Math.max(0, (after.gcCpuFraction * to - before.gcCpuFraction * from) / (to - from))
}

const difference = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined ? null : a - b
