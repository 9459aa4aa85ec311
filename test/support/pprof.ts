import { execFileSync } from 'node:child_process'

/** Runs the pprof of the Go that is there; the binary itself, because `go tool` takes much longer. */
export interface Pprof {
  /** `go1.26`, for messages. */
  readonly version: string
  /** Standard output, or the error that pprof printed. */
  readonly run: (args: readonly string[], cwd: string) => PprofRun
}

export type PprofRun =
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'failed'; readonly error: string }

export function findPprof(): Pprof {
  const go = (...args: string[]): string => execFileSync('go', args, { encoding: 'utf8' }).trim()
  const binary = go('tool', '-n', 'pprof')
  return {
    version: go('env', 'GOVERSION'),
    run: (args, cwd) => {
      try {
        const text = execFileSync(binary, args, {
          cwd,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
          maxBuffer: 2 ** 28,
        })
        return { kind: 'output', text }
      } catch (error) {
        return { kind: 'failed', error: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}

/**
 * Captures profiles of every kind from the fixture `profiles-lab` into directories under `out`, at
 * rate 1, at rate 4096, and at rate 4096 from another build.
 */
export function captureProfiles(out: string): void {
  const lab = new URL('../../fixtures/services/profiles-lab/', import.meta.url)
  for (const { name, rate, tags } of [
    { name: 'rate-1', rate: 1, tags: '' },
    { name: 'rate-4096', rate: 4096, tags: '' },
    { name: 'changed', rate: 4096, tags: 'changed' },
  ]) {
    const binary = `${out}/lab-${name}`
    execFileSync('go', ['build', '-buildvcs=false', '-tags', tags, '-o', binary, '.'], { cwd: lab })
    execFileSync('mkdir', ['-p', `${out}/${name}`])
    execFileSync(binary, ['-out', `${out}/${name}`, '-rate', rate.toString()])
  }
}
