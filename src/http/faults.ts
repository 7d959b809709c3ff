import type { Fault } from '../platform/errors.ts'
import { CHARACTERS } from './checks.ts'

/** What we read of an ajv error; `verbose` makes ajv add the schema that failed. */
export type AjvError = {
  keyword: string
  instancePath: string
  schemaPath: string
  params: Record<string, unknown>
  parentSchema?: unknown
}

/** Bounds the answer to a body that breaks a rule thousands of times. */
const MOST_FAULTS = 100
/** An unknown name longer than this is not repeated in a pointer. */
const LONGEST_NAME = 64

type Reading = { code: string; detail: string }

const invalidFormat = (detail: string): Reading => ({ code: 'invalid_format', detail })

const readings: Record<string, (params: Record<string, unknown>) => Reading> = {
  required: () => ({ code: 'required', detail: 'This field is required.' }),
  additionalProperties: () => ({ code: 'unknown_field', detail: 'There is no such field here.' }),
  type: ({ type }) => ({ code: 'wrong_type', detail: `Must be ${typeNames(type)}.` }),
  minLength: ({ limit }) => ({
    code: 'too_short',
    detail: `Needs at least ${count(limit, 'character')}.`,
  }),
  maxLength: ({ limit }) => ({
    code: 'too_long',
    detail: `Takes at most ${count(limit, 'character')}.`,
  }),
  minItems: ({ limit }) => ({
    code: 'too_short',
    detail: `Needs at least ${count(limit, 'item')}.`,
  }),
  maxItems: ({ limit }) => ({ code: 'too_long', detail: `Takes at most ${count(limit, 'item')}.` }),
  minimum: ({ limit }) => ({ code: 'too_small', detail: `Must be at least ${String(limit)}.` }),
  maximum: ({ limit }) => ({ code: 'too_large', detail: `Must be at most ${String(limit)}.` }),
  minProperties: () => ({ code: 'required', detail: 'Needs at least one field.' }),
  pattern: () => invalidFormat('Does not have the form that is asked for.'),
  [CHARACTERS]: () => invalidFormat('Has characters that are not allowed.'),
  format: ({ format }) => invalidFormat(`Is not a valid ${String(format)}.`),
  enum: ({ allowedValues }) => ({ code: 'not_allowed', detail: oneOf(allowedValues) }),
  const: ({ allowedValue }) => ({ code: 'not_allowed', detail: oneOf([allowedValue]) }),
}

/**
 * Reads the errors of ajv as faults: at most 100, each place and code once, never with the value.
 * Faults of `x-checks` pass as they are; alternatives (`anyOf`) become one fault.
 */
export function faultsOf(errors: readonly AjvError[]): Fault[] {
  const faults = new Map<string, Fault>()
  for (const error of checksLast(withoutAlternatives(errors))) {
    if (faults.size === MOST_FAULTS) break
    const fault = faultOf(error)
    const key = `${fault.code} ${fault.pointer}`
    if (!faults.has(key)) faults.set(key, fault)
  }
  return [...faults.values()]
}

/** ajv runs the checks of an object before it looks at the fields. */
function checksLast(errors: AjvError[]): AjvError[] {
  const isCheck = ({ params }: AjvError) => 'fault' in params
  return [...errors.filter((error) => !isCheck(error)), ...errors.filter(isCheck)]
}

function faultOf(error: AjvError): Fault {
  const { keyword, params, parentSchema } = error
  if (isFault(params.fault)) return params.fault
  const reading = readings[keyword]?.(params) ?? { code: 'invalid', detail: 'Is not valid.' }
  const isForm = reading.code === 'invalid_format'
  const detail = (isForm ? hintOf(parentSchema) : undefined) ?? reading.detail
  return { pointer: pointerOf(error), code: reading.code, detail }
}

/** The place of the fault; of a missing or an unknown field, the place where it would be. */
function pointerOf({ instancePath, params }: AjvError): string {
  const name = params.missingProperty ?? params.additionalProperty
  if (typeof name !== 'string' || name.length > LONGEST_NAME) return instancePath
  return `${instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * ajv reports a failed `anyOf` and also what each branch dislikes. A branch of the right type that is
 * broken in another way says more than the rest; otherwise one fault for all the branches is enough.
 */
function withoutAlternatives(errors: readonly AjvError[]): AjvError[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  const branchOf = (error: AjvError) =>
    unions.find(({ schemaPath }) => error.schemaPath.startsWith(`${schemaPath}/`))
  const telling = (error: AjvError) => error.keyword !== 'type' && error.keyword !== 'const'
  return errors.flatMap((error) => {
    if (branchOf(error) !== undefined)
      return telling(error) && !unions.includes(error) ? [error] : []
    if (!unions.includes(error)) return [error]
    const branches = errors.filter((other) => branchOf(other) === error)
    return branches.some(telling) ? [] : [merged(error, branches)]
  })
}

function merged(union: AjvError, branches: AjvError[]): AjvError {
  const values = branches.filter(({ keyword }) => keyword === 'const')
  if (values.length === 0) {
    const type = branches.flatMap(({ params }) => params.type)
    return { ...union, keyword: 'type', params: { type } }
  }
  const allowedValues = values.map(({ params }) => params.allowedValue)
  return { ...union, keyword: 'enum', params: { allowedValues } }
}

function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'pointer' in value
}

/** `x-hint` of a schema: a sentence that says what form is asked for. */
function hintOf(schema: unknown): string | undefined {
  const hint = (schema as { 'x-hint'?: unknown } | undefined)?.['x-hint']
  return typeof hint === 'string' ? hint : undefined
}

function count(limit: unknown, noun: string): string {
  return `${String(limit)} ${noun}${limit === 1 ? '' : 's'}`
}

function oneOf(values: unknown): string {
  const list = Array.isArray(values) ? values : [values]
  return list.length === 1
    ? `Must be ${String(list[0])}.`
    : `Must be one of: ${list.map(String).join(', ')}.`
}

const nouns: Record<string, string> = {
  string: 'a string',
  object: 'a JSON object',
  array: 'an array',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
}

function typeNames(type: unknown): string {
  const types = (Array.isArray(type) ? type : [type]).map(String)
  return types.map((name) => nouns[name] ?? name).join(' or ')
}
