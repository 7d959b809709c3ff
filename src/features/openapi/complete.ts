import { createComponents, headers, headersOf, publish } from './components.ts'
import { exampleOf, examplesOf, type Schema, type Variant } from './examples.ts'
import { PROBLEM_MEDIA_TYPE, type Problems } from './problems.ts'

type Media = { schema: Schema; examples?: Record<string, unknown> }
type Content = Record<string, Media>
type Headers = Record<string, object>
type Response = { description: string; content?: Content; headers?: Headers }
type Parameter = { name: string; required?: boolean; schema: Schema }
type Operation = {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, Response>
  [OPTIONAL_BODY]?: boolean
  [EXAMPLES]?: Record<string, Record<string, Variant>>
}

/** Marks an operation with an optional body. */
export const OPTIONAL_BODY = 'x-optional-body'
/** Several examples of a body: by status, or `request`, then by name. */
const EXAMPLES = 'x-examples'

/** Written by the plugin if a response has no description. */
const UNDESCRIBED = 'Default Response'

/** Errors that every route may return; a response with only these is a component. */
const everywhere = new Set([
  'not_acceptable',
  'request_timeout',
  'payload_too_large',
  'uri_too_long',
  'unsupported_media_type',
  'headers_too_large',
  'internal',
])

/**
 * Completes the document of the plugin: examples, named schemas, headers, errors, optional bodies.
 * @throws Error naming a part without an example or description, or a title of two schemas
 */
export function completeDocument<Document extends object>(
  document: Document,
  problems: Problems,
): Document {
  const whole = copied(document) as Document & {
    paths: Record<string, Record<string, Operation>>
    components: object
  }
  const complete = createCompletion(problems)
  for (const operation of Object.values(whole.paths).flatMap((path) => Object.values(path))) {
    complete.operation(operation)
  }
  whole.paths = inOrderOfUse(whole.paths)
  whole.components = { ...whole.components, ...complete.components() }
  // Copied, since shared objects become YAML aliases, which some tools cannot read.
  return copied(whole)
}

/**
 * Operations that end sessions or the account come last: importers of the document send all
 * requests in order.
 */
const LAST = ['/password', '/logout', '/me']

function inOrderOfUse<Path>(paths: Record<string, Path>): Record<string, Path> {
  const rank = ([path]: [string, Path]) => LAST.indexOf(path)
  return Object.fromEntries(Object.entries(paths).sort((one, other) => rank(one) - rank(other)))
}

function copied<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}

function createCompletion(problems: Problems) {
  const schemas = createComponents('schemas')
  const responses = createComponents<object>('responses')
  const codes = new Set<string>()
  const published = (schema: Schema) => publish(schema, schemas.add)

  function operation(target: Operation): void {
    const { operationId, parameters = [], requestBody, [EXAMPLES]: variants = {} } = target
    if (requestBody && target[OPTIONAL_BODY] === true) requestBody.required = false
    delete target[OPTIONAL_BODY]
    delete target[EXAMPLES]
    for (const parameter of parameters) completeParameter(parameter, operationId)
    const contents = Object.entries(requestBody?.content ?? {})
    for (const [type, media] of contents) {
      completeMedia(media, `${operationId} ${type}`, variants.request)
    }
    for (const [status, response] of Object.entries(target.responses)) {
      completeResponse(response, `${operationId} ${status}`, variants[status])
      setHeaders(response, status)
      target.responses[status] = named(response) as Response
    }
  }

  /** The page needs the example of an optional parameter in its schema. */
  function completeParameter(parameter: Parameter, operationId: string): void {
    const example = exampleOf(parameter.schema, `${operationId} ${parameter.name}`)
    const { examples, ...schema } = published(parameter.schema) as { examples?: unknown }
    if (parameter.required === true) Object.assign(parameter, { schema, example })
    else parameter.schema = { ...schema, examples } as Schema
  }

  function completeMedia(media: Media, location: string, variants?: Record<string, Variant>): void {
    const { schema } = media
    Object.assign(media, { schema: published(schema), ...examplesOf(schema, location, variants) })
  }

  function completeResponse(
    response: Response,
    location: string,
    variants?: Record<string, Variant>,
  ): void {
    if (response.description === UNDESCRIBED) throw new Error(`${location} has no description.`)
    for (const [type, media] of Object.entries(response.content ?? {})) {
      if (type === PROBLEM_MEDIA_TYPE) completeProblem(media)
      else completeMedia(media, `${location} ${type}`, variants)
    }
  }

  function completeProblem(media: Media): void {
    media.schema = published(problems.schema) as Schema
    for (const code of Object.keys(media.examples ?? {})) codes.add(code)
  }

  function named(response: Response): object {
    const found = Object.keys(response.content?.[PROBLEM_MEDIA_TYPE]?.examples ?? {})
    const [code = ''] = found
    if (found.length !== 1 || !everywhere.has(code)) return response
    const words = code.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    return responses.add(words.join(''), response)
  }

  function components() {
    return {
      schemas: schemas.all(),
      responses: responses.all(),
      headers: headers(problems.limit),
      examples: problems.examples(codes),
    }
  }

  return { operation, components }
}

/** Headers of the route and of the status; the plugin leaves their examples in the schema. */
function setHeaders(response: Response, status: string): void {
  const own = Object.entries(response.headers ?? {}).map(([name, header]) => {
    const { schema, ...rest } = header as { schema: Schema }
    const { example, ...plain } = schema
    return [name, { ...rest, schema: plain, example }]
  })
  const all = { ...Object.fromEntries(own), ...headersOf(status) }
  if (Object.keys(all).length > 0) response.headers = all
  else delete response.headers
}
