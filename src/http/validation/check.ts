import type { TSchema } from 'typebox'
import type { Issue } from '../../platform/errors/api-error.ts'
import { ajv } from './ajv.ts'
import { type AjvError, toIssues } from './issues.ts'

/** Checks a value that came by no request as a route would, and trims it. */
export async function issuesOf(schema: TSchema, value: unknown): Promise<Issue[]> {
  const { AjvCompiler } = await import('@fastify/ajv-compiler')
  const compile = AjvCompiler()({}, ajv)
  const validate = compile({ schema, method: '', url: '' })
  return validate(value) ? [] : toIssues((validate.errors ?? []) as AjvError[])
}
