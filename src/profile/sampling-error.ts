import type { AlignedStack } from './stacks.ts'

/** Where the values that the error is made from stand, and the sampling rate. */
export interface SampledTypes {
  /** Bytes per sample. */
  readonly period: number
  readonly allocSpace: number
  readonly inuseSpace: number
}

/**
 * The standard error in bytes of a stack's growth in use, from the first profile to the last of one
 * process. An object of size S is sampled with the probability p = 1 - exp(-S / period) and then
 * weighs S / p. What lives in both profiles was sampled or not in both, so only objects that came
 * or went have an error: at the most those allocated since that could be live now, and those freed
 * since that were live before. Never below the true error; equal to it where all growth stays.
 * Derivation: docs/verdict.md.
 */
export function growthError(stack: AlignedStack, types: SampledTypes): number {
  const { period, allocSpace, inuseSpace } = types
  if (period <= 1) return 0
  let variance = 0
  for (const { blockSize, values } of stack.buckets) {
    const first = values[0]
    const last = values.at(-1)
    if (blockSize === undefined || blockSize <= 0 || first === undefined || last === undefined) {
      continue
    }
    const probability = -Math.expm1(-blockSize / period)
    const weight = blockSize / probability
    const sampled = (bytes: number | undefined): number => Math.round((bytes ?? 0) / weight)
    const before = sampled(first[inuseSpace])
    const after = sampled(last[inuseSpace])
    const allocated = sampled(last[allocSpace]) - sampled(first[allocSpace])
    const freed = allocated - (after - before)
    const changed = Math.min(Math.max(allocated, 0), after) + Math.min(Math.max(freed, 0), before)
    variance += changed * weight ** 2 * (1 - probability)
  }
  return Math.sqrt(variance)
}
