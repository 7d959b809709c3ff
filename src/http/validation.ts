import type { FastifyRequest, FastifyServerOptions } from 'fastify'
import { NotFound, ValidationFailed } from '../platform/error-table.ts'
import type { CodedError, Fault } from '../platform/errors.ts'
import { CHARACTERS, CHECKS, type Check, characterRules } from './checks.ts'
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

function withoutBody(error: SchemaError, request: FastifyRequest): CodedError | undefined {
  if (error.validationContext !== 'body' || request.body !== undefined) return undefined
  const fault = { pointer: '', code: 'required', detail: 'This request needs a JSON body.' }
  return ValidationFailed({ errors: [fault, ...laterFaults(error, request)] })
}

/** Fastify stops at the first part with faults (body, query string, headers, in this order). */
function laterFaults({ validationContext }: SchemaError, request: FastifyRequest): Fault[] {
  const parts: ['querystring' | 'headers', unknown][] = []
  if (validationContext === 'body') parts.push(['querystring', request.query])
  if (validationContext !== 'headers') parts.push(['headers', request.headers])
  return parts.flatMap(([part, value]) => {
    const validate = request.getValidationFunction(part)
    if (validate === undefined || validate(value as Record<string, unknown>)) return []
    return faultsOf((validate.errors ?? []) as AjvError[])
  })
}
