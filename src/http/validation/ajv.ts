import type { FastifyRequest, FastifyServerOptions } from 'fastify'
import {
  CHARACTERS,
  characterRules,
  REFINEMENT,
  type Refinement,
  TRIM,
} from '../../contract/refinements.ts'
import type { ApiError, Issue } from '../../platform/errors/api-error.ts'
import { NotFound, ValidationFailed } from '../../platform/errors/table.ts'
import { EMAIL_MAX, isEmailAddress } from '../../platform/identity.ts'
import { type AjvError, toIssues } from './issues.ts'

type RefinementKeyword = {
  (value: Record<string, unknown>): boolean
  errors?: { keyword: string; params: { issue: Issue } }[]
}

/** Nothing is converted or dropped; all issues at once. */
export const ajv: NonNullable<FastifyServerOptions['ajv']> = {
  customOptions: {
    coerceTypes: false,
    removeAdditional: false,
    // Safe, since bodies are small and every length is bounded.
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
  },
  onCreate(instance) {
    instance.addKeyword({
      keyword: REFINEMENT,
      type: 'object',
      errors: true,
      compile: compileRefinement,
    })
    instance.addKeyword({ keyword: TRIM, before: 'maxLength', ...trimming })
    instance.addFormat('idn-email', isEmailOrTooLong)
    instance.addKeyword({
      keyword: CHARACTERS,
      type: 'string',
      compile: (rule: keyof typeof characterRules) => (text: string) =>
        characterRules[rule].test(text),
    })
    instance.addKeyword('x-hint')
    instance.addKeyword('example')
  },
}

/** Trims strings before their length and form are checked. */
const trimming = {
  type: 'string',
  schema: false,
  errors: false,
  modifying: true,
  validate(text: string, context?: { parentData: unknown; parentDataProperty: string | number }) {
    const parent = Object(context?.parentData) as Record<string, unknown>
    parent[String(context?.parentDataProperty)] = text.trim()
    return true
  },
} as const

/** `maxLength` alone reports what is too long. */
function isEmailOrTooLong(text: string): boolean {
  return isLongerThan(text, EMAIL_MAX) || isEmailAddress(text)
}

/** Counts code points, as ajv does; each has one or two units of UTF-16. */
function isLongerThan(text: string, max: number): boolean {
  return text.length > 2 * max || [...text].length > max
}

/** ajv reads the errors of a keyword function from its `errors` property. */
function compileRefinement(refinement: Refinement): RefinementKeyword {
  const keyword: RefinementKeyword = (value) => {
    const issues = refinement(value)
    keyword.errors = issues.map((issue) => ({ keyword: REFINEMENT, params: { issue } }))
    return issues.length === 0
  }
  return keyword
}

export type SchemaError = {
  validation: readonly AjvError[]
  validationContext: 'body' | 'querystring' | 'params' | 'headers'
}

export function isSchemaError(error: unknown): error is SchemaError {
  return error instanceof Error && 'validation' in error && Array.isArray(error.validation)
}

/** The error with the issues of all parts; a malformed path parameter is `not_found`. */
export function validationError(error: SchemaError, request: FastifyRequest): ApiError {
  if (error.validationContext === 'params') return NotFound()
  const issues = [...toIssues(error.validation), ...laterIssues(error, request)]
  return missingBody(error, request) ?? fromIssues(issues)
}

/** The error that all issues name, else `validation_failed`. @param issues at least one */
function fromIssues(issues: Issue[]): ApiError {
  const named = issues[0]?.error
  const isShared = named !== undefined && issues.every(({ error }) => error === named)
  return (isShared ? named : ValidationFailed)({ errors: issues })
}

function missingBody(error: SchemaError, request: FastifyRequest): ApiError | undefined {
  if (error.validationContext !== 'body' || request.body !== undefined) return undefined
  const missing = issuesIn(request, 'body', {})
  const whole: Issue = {
    pointer: '',
    code: 'required',
    detail: ({ fields }) => fields.bodyRequired,
  }
  const issues = missing.length > 0 ? missing : [whole]
  return ValidationFailed({ errors: [...issues, ...laterIssues(error, request)] })
}

/** Fastify stops at the first part with issues (body, query string, headers, in this order). */
function laterIssues({ validationContext }: SchemaError, request: FastifyRequest): Issue[] {
  const parts: [Part, unknown][] = []
  if (validationContext === 'body') parts.push(['querystring', request.query])
  if (validationContext !== 'headers') parts.push(['headers', request.headers])
  return parts.flatMap(([part, value]) => issuesIn(request, part, value))
}

type Part = 'body' | 'querystring' | 'headers'

function issuesIn(request: FastifyRequest, part: Part, value: unknown): Issue[] {
  const validate = request.getValidationFunction(part)
  if (validate === undefined || validate(value as Record<string, unknown>)) return []
  return toIssues((validate.errors ?? []) as AjvError[])
}
