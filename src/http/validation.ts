import type { FastifyRequest, FastifyServerOptions } from 'fastify'
import { NotFound, ValidationFailed } from '../platform/error-table.ts'
import type { CodedError, Fault } from '../platform/errors.ts'
import { EMAIL_MAX, isEmailAddress } from '../platform/identity.ts'
import { CHARACTERS, CHECKS, type Check, characterRules, TRIM } from './checks.ts'
import { type AjvError, faultsOf } from './faults.ts'

type CheckKeyword = {
  (value: Record<string, unknown>): boolean
  errors?: { keyword: string; params: { fault: Fault } }[]
}

/** Settings of ajv: nothing is converted, nothing is dropped, all faults at once. */
export const ajv: NonNullable<FastifyServerOptions['ajv']> = {
  customOptions: {
    coerceTypes: false,
    removeAdditional: false,
    // Safe, since bodies are small and every length is bounded; Fastify's default stops at the first.
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
  },
  onCreate(instance) {
    instance.addKeyword({ keyword: CHECKS, type: 'object', errors: true, compile: compileCheck })
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

/** Takes white space off both ends of a string, before its length and its form are looked at. */
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

/** What is too long is a fault of `maxLength`, and of no other rule. */
function isEmailOrTooLong(text: string): boolean {
  return isLongerThan(text, EMAIL_MAX) || isEmailAddress(text)
}

/** Counts code points, as ajv does; each has one or two units of UTF-16. */
function isLongerThan(text: string, max: number): boolean {
  return text.length > 2 * max || [...text].length > max
}

/** ajv reads the errors of a keyword function from its `errors` property. */
function compileCheck(check: Check): CheckKeyword {
  const keyword: CheckKeyword = (value) => {
    const faults = check(value)
    keyword.errors = faults.map((fault) => ({ keyword: CHECKS, params: { fault } }))
    return faults.length === 0
  }
  return keyword
}

/** The error that Fastify passes on when a part of a request breaks its schema. */
export type SchemaError = {
  validation: readonly AjvError[]
  validationContext: 'body' | 'querystring' | 'params' | 'headers'
}

/** Whether the error comes from the validator of a route. */
export function isSchemaError(error: unknown): error is SchemaError {
  return error instanceof Error && 'validation' in error && Array.isArray(error.validation)
}

/**
 * The answer to a request that breaks the schema of its route, with the faults of all its parts.
 * A malformed path parameter names nothing, which is `not_found`.
 */
export function validationError(error: SchemaError, request: FastifyRequest): CodedError {
  if (error.validationContext === 'params') return NotFound()
  const faults = [...faultsOf(error.validation), ...laterFaults(error, request)]
  return withoutBody(error, request) ?? fromFaults(faults)
}

/**
 * One error for a list of faults: the error that all of them name, else `validation_failed`.
 * @param faults at least one
 */
function fromFaults(faults: Fault[]): CodedError {
  const named = faults[0]?.error
  const isShared = named !== undefined && faults.every(({ error }) => error === named)
  return (isShared ? named : ValidationFailed)({ errors: faults })
}

/** A body that is not there is refused as `{}` would be, or as a whole where all its fields are optional. */
function withoutBody(error: SchemaError, request: FastifyRequest): CodedError | undefined {
  if (error.validationContext !== 'body' || request.body !== undefined) return undefined
  const missing = faultsIn(request, 'body', {})
  const whole = { pointer: '', code: 'required', detail: 'This request needs a JSON body.' }
  const faults = missing.length > 0 ? missing : [whole]
  return ValidationFailed({ errors: [...faults, ...laterFaults(error, request)] })
}

/** Fastify stops at the first part with faults (body, query string, headers, in this order). */
function laterFaults({ validationContext }: SchemaError, request: FastifyRequest): Fault[] {
  const parts: [Part, unknown][] = []
  if (validationContext === 'body') parts.push(['querystring', request.query])
  if (validationContext !== 'headers') parts.push(['headers', request.headers])
  return parts.flatMap(([part, value]) => faultsIn(request, part, value))
}

type Part = 'body' | 'querystring' | 'headers'

function faultsIn(request: FastifyRequest, part: Part, value: unknown): Fault[] {
  const validate = request.getValidationFunction(part)
  if (validate === undefined || validate(value as Record<string, unknown>)) return []
  return faultsOf((validate.errors ?? []) as AjvError[])
}
