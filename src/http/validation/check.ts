import type { TSchema } from 'typebox'
import type { Issue } from '../../platform/errors/api-error.ts'
import { ajv } from './ajv.ts'
import { type AjvError, toIssues } from './issues.ts'

/** Checks a value that came by no request as a route would, and trims it. */
export async function issuesOf(schema: TSchema, value: unknown): Promise<Issue[]> {
  const { Ajv } = await import('ajv')
  const instance = new Ajv(ajv.customOptions)
  ajv.onCreate?.(instance)
  const validate = instance.compile(schema)
  return validate(value) ? [] : toIssues((validate.errors ?? []) as AjvError[])
}
