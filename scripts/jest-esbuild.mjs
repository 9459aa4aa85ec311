/**
 * Jest transformer: TypeScript to ESM by esbuild, which the bundle uses too. `npm run mutate` breaks
 * one line on the way, so that the working tree stays as it is.
 */
import { createHash } from 'node:crypto'
import { transformSync, version } from 'esbuild'

const mutation = JSON.parse(process.env.HEAPGATE_MUTATION ?? 'null')

const transform = (source, path) => ({
  code: transformSync(mutated(source, path), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcefile: path,
  }).code,
})

function mutated(source, path) {
  return mutation !== null && path.endsWith(mutation.file)
    ? source.replace(mutation.from, mutation.to)
    : source
}

export default {
  process: transform,
  processAsync: async (source, path) => transform(source, path),
  getCacheKey: (source, path, options) =>
    createHash('sha256')
      .update([version, path, String(options.instrument), mutated(source, path)].join('\0'))
      .digest('hex'),
}
