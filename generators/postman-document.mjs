// Reads the OpenAPI document for the Postman collection.
import { STATUS_CODES } from 'node:http'

/** Saved beside the success; those of any request would only fill the list. */
const ERRORS_TO_SHOW = ['400', '401', '403', '404', '409', '412', '422']
/** Nearly every request can get these; only one shows each. */
const SHOWN_ONCE = [
  'malformed_request',
  'validation_failed',
  'unauthenticated',
  'invalid_token',
  'token_expired',
  'session_ended',
  'csrf_rejected',
]

/** Every operation with its key, `METHOD /path/{variable}`. */
export function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      key: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  )
}

/** The value, or the target of its `$ref`. */
export function resolved(document, value) {
  if (typeof value?.$ref !== 'string') return value
  const steps = value.$ref.replace(/^#\//, '').split('/')
  const names = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return resolved(
    document,
    names.reduce((place, name) => place?.[name], document),
  )
}

/** The example of a parameter, or its default, as text. */
export function parameterValue(document, { example, examples, schema }) {
  const [first] = Object.values(examples ?? {})
  const {
    example: ofSchema,
    examples: several,
    default: fallback,
  } = resolved(document, schema) ?? {}
  const candidates = [example, resolved(document, first)?.value, ofSchema, several?.[0], fallback]
  return String(candidates.find((candidate) => candidate !== undefined) ?? '')
}

/**
 * Answers with an example in the document, each as `{ code, name, type, value }`.
 * @param shown codes of errors shown so far; adds those shown here
 */
export function answersOf(document, { responses }, shown) {
  const answers = Object.entries(responses)
    .filter(([code]) => Number(code) < 400 || ERRORS_TO_SHOW.includes(code))
    .flatMap(([code, response]) => examplesOf(document, code, resolved(document, response)))
    .filter(({ value }) => !isOfCookies(value))
    .filter(({ value }) => !(SHOWN_ONCE.includes(value.code) && shown.has(value.code)))
  for (const { value } of answers) shown.add(value.code)
  return answers
}

/** The requests of the collection ask for the other transport. */
function isOfCookies({ access_token, refresh_token }) {
  return access_token !== undefined && refresh_token === undefined
}

function examplesOf(document, code, { content = {} }) {
  return Object.entries(content).flatMap(([type, media]) =>
    valuesOf(document, media)
      .filter(({ value }) => value !== null && typeof value === 'object')
      .map(({ name, value }) => ({ code: Number(code), type, name: titleOf(code, name), value })),
  )
}

function valuesOf(document, { example, examples = {} }) {
  if (example !== undefined) return [{ value: example }]
  return Object.entries(examples).map(([key, named]) => {
    const { summary, value } = resolved(document, named)
    return { name: summary ?? key, value }
  })
}

function titleOf(code, name) {
  return [`${code} ${STATUS_CODES[code]}`, name].filter(Boolean).join(': ')
}
