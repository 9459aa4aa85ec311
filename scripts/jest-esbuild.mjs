/** Jest transformer: TypeScript to ESM by esbuild, which the bundle uses too. */
import { createHash } from 'node:crypto'
import { transformSync, version } from 'esbuild'

const transform = (source, path) => ({
  code: transformSync(source, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcefile: path,
  }).code,
})

export default {
  process: transform,
  processAsync: async (source, path) => transform(source, path),
  getCacheKey: (source, path, options) =>
    createHash('sha256')
      .update([version, path, String(options.instrument), source].join('\0'))
      .digest('hex'),
}
