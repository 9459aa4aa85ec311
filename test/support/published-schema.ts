import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'

const validate = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(
    readFileSync(new URL('../../schema/result.schema.json', import.meta.url), 'utf8'),
  ) as object,
)

/** What the published JSON Schema has against a result. */
export const objections = (result: unknown): readonly unknown[] =>
  validate(result) ? [] : (validate.errors ?? [])
