import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { HeapgateError, messageOf } from './errors.ts'
import { type Result, RESULT_SCHEMA, resultSchema } from './verdict/result.ts'

const MAX_PROBLEMS = 5

/**
 * Reads a result.json.
 *
 * @throws HeapgateError with what is wrong and where: no such file, no JSON, another schema.
 */
export async function readResult(file: string): Promise<Result> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new HeapgateError(`${file}: ${messageOf(error)}`, { cause: error })
  })
  const parsed = resultSchema.safeParse(asJson(text, file))
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const problems = issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `  ${z.core.toDotPath(path)}: ${message}`)
  throw new HeapgateError(
    [`${file}: this is no result of the schema ${RESULT_SCHEMA}:`, ...problems].join('\n'),
    { hint: 'A result.json is written by heapgate run into its report-dir.' },
  )
}

function asJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HeapgateError(`${file}: this is no JSON: ${messageOf(error)}`, { cause: error })
  }
}
