import { CHARACTERS } from '../../contract/refinements.ts'
import type { Text } from '../../languages/text.ts'
import type { Issue } from '../../platform/errors/api-error.ts'
import { nearest } from '../../platform/nearest.ts'

/** What we read of an ajv error; `verbose` makes ajv add the schema that failed. */
export type AjvError = {
  keyword: string
  instancePath: string
  schemaPath: string
  params: Record<string, unknown>
  parentSchema?: unknown
  /** The value. */
  data?: unknown
}

/** Bounds the response to a body that breaks a rule thousands of times. */
const MAX_ISSUES = 100
/** Longer unknown names are not repeated in a pointer. */
const MAX_NAME_LENGTH = 64

type Message = Omit<Issue, 'pointer' | 'error'>

const invalidFormat = (detail: Text): Message => ({ code: 'invalid_format', detail })

const messages: Record<string, (params: Record<string, unknown>, data: unknown) => Message> = {
  required: () => ({ code: 'required', detail: ({ fields }) => fields.required }),
  additionalProperties: () => ({ code: 'unknown_field', detail: ({ fields }) => fields.unknown }),
  type: ({ type }) => ({ code: 'wrong_type', detail: ({ fields }) => fields.type(listOf(type)) }),
  minLength: ({ limit }) => ({
    code: 'too_short',
    detail: ({ fields }) => fields.minLength(Number(limit)),
  }),
  maxLength: ({ limit }) => ({
    code: 'too_long',
    detail: ({ fields }) => fields.maxLength(Number(limit)),
  }),
  minItems: ({ limit }) => ({
    code: 'too_short',
    detail: ({ fields }) => fields.minItems(Number(limit)),
  }),
  maxItems: ({ limit }) => ({
    code: 'too_long',
    detail: ({ fields }) => fields.maxItems(Number(limit)),
  }),
  minimum: ({ limit }) => ({
    code: 'too_small',
    detail: ({ fields }) => fields.minimum(Number(limit)),
  }),
  maximum: ({ limit }) => ({
    code: 'too_large',
    detail: ({ fields }) => fields.maximum(Number(limit)),
  }),
  minProperties: () => ({ code: 'required', detail: ({ fields }) => fields.oneRequired }),
  pattern: () => invalidFormat(({ fields }) => fields.format),
  [CHARACTERS]: () => invalidFormat(({ fields }) => fields.characters),
  format: ({ format }) => invalidFormat(({ fields }) => fields.formatOf(String(format))),
  enum: ({ allowedValues }, data) => ({
    code: 'not_allowed',
    detail: mustBe(allowedValues, data),
  }),
  const: ({ allowedValue }) => ({ code: 'not_allowed', detail: mustBe([allowedValue]) }),
}

/**
 * Issues of ajv errors: at most 100, one for each pointer and code, never with the value. Issues of
 * refinements stay as they are; `anyOf` becomes one issue.
 */
export function toIssues(errors: readonly AjvError[]): Issue[] {
  const issues = new Map<string, Issue>()
  for (const error of refinementsLast(withoutAlternatives(errors))) {
    if (issues.size === MAX_ISSUES) break
    const issue = toIssue(error)
    const key = `${issue.code} ${issue.pointer}`
    if (!issues.has(key)) issues.set(key, issue)
  }
  return [...issues.values()]
}

/** ajv runs the refinement of an object before it looks at the fields. */
function refinementsLast(errors: AjvError[]): AjvError[] {
  const isRefinement = ({ params }: AjvError) => 'issue' in params
  return [...errors.filter((error) => !isRefinement(error)), ...errors.filter(isRefinement)]
}

function toIssue(error: AjvError): Issue {
  const { keyword, params, parentSchema, data } = error
  if (isIssue(params.issue)) return params.issue
  const { code, detail } = messages[keyword]?.(params, data) ?? {
    code: 'invalid',
    detail: ({ fields }) => fields.invalid,
  }
  const hint = code === 'invalid_format' ? hintOf(parentSchema) : undefined
  return { pointer: pointerOf(error), code, detail: hint ?? detail }
}

/** Pointer of the issue; of a missing or unknown field, where it would be. */
function pointerOf({ instancePath, params }: AjvError): string {
  const name = params.missingProperty ?? params.additionalProperty
  if (typeof name !== 'string' || name.length > MAX_NAME_LENGTH) return instancePath
  return `${instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * Merges the errors of `anyOf` and its branches. Those of a branch of the right type say more;
 * otherwise one issue is enough.
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

function isIssue(value: unknown): value is Issue {
  return typeof value === 'object' && value !== null && 'pointer' in value
}

/** `x-hint` of a schema: the form that is asked for, by its name in the catalogues. */
function hintOf(schema: unknown): Text | undefined {
  const hint = (schema as { 'x-hint'?: unknown } | undefined)?.['x-hint']
  if (typeof hint !== 'string') return undefined
  return ({ hints }) => hints[hint as keyof typeof hints] ?? hint
}

function mustBe(values: unknown, data?: unknown): Text {
  const list = listOf(values)
  const [only = ''] = list
  if (list.length === 1) return ({ fields }) => fields.mustBe(only)
  const meant = typeof data === 'string' ? nearest(data, list) : undefined
  return ({ fields }) => fields.oneOf(list, meant)
}

function listOf(values: unknown): string[] {
  return (Array.isArray(values) ? values : [values]).map(String)
}
