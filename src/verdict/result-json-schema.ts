import { z } from 'zod'
import { resultSchema } from './result.ts'

/** The schema of result.json as JSON Schema 2020-12. */
export function resultJsonSchema(): unknown {
  return z.toJSONSchema(resultSchema, { reused: 'inline' })
}
