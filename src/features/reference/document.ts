import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import { hostCookies } from '../../config-browsers.ts'
import { type ProblemResponse, problems } from '../../http/schemas.ts'
import { completeDocument, OPTIONAL_BODY } from './complete-document.ts'
import type { Schema } from './document-examples.ts'
import { withForms } from './document-forms.ts'
import { description, tags } from './document-prose.ts'

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>
type TransformObject = NonNullable<FastifyDynamicSwaggerOptions['transformObject']>
type Responses = Record<string, object>
type Problems = Record<string, ProblemResponse>
type Described = { 'x-response-description'?: string; headers?: object }

/** Marks a route that answers from memory, so that the database cannot be away. */
const MEMORY_ONLY = 'x-memory-only'

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The **access token**: `access_token` of `POST /register`, `POST /login` or `POST /refresh`, sent as `Authorization: Bearer …` to everything protected. Good for minutes; refresh it when it is over.',
  },
  refreshToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The **refresh token** in body transport, sent as `Authorization: Bearer …` to `POST /refresh` and `POST /logout` alone. It may come in the body just as well. Everywhere else it is refused as `invalid_token`.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: hostCookies.refresh,
    description:
      'The **refresh token** in cookie transport. Browsers store and send it by themselves, and no script can read it. `POST /refresh` and `POST /logout` take it from an allowed `Origin`. A server whose `PUBLIC_URL` is plain http on `localhost` names it `latchkey-refresh`, without `Secure`, but never in production.',
  },
} as const

/** How the OpenAPI 3.1 document is made from the routes. */
export function documentOptions(publicUrl: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Latchkey',
        version: '0.1.0',
        description,
        contact: { name: 'Whoever runs this server', url: publicUrl },
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl, description: 'This server' }],
      tags,
      components: { securitySchemes },
    },
    transform,
    transformObject,
  }
}

/** Gives a route its problems back, those of every route, and an explicit "no credential needed". */
const transform: Transform = ({ schema, url, route }) => {
  if ((schema as { hide?: boolean } | undefined)?.hide === true) return { schema, url }
  const { optionalBody, problems: own = {} } = route.config ?? {}
  const { [MEMORY_ONLY]: isMemoryOnly, ...given } = (schema ?? {}) as Record<string, unknown>
  const marks = optionalBody === true ? { [OPTIONAL_BODY]: true } : {}
  const common = problems(...commonCodes(route, url, isMemoryOnly === true))
  const response = withProblems((given.response ?? {}) as Responses, merged(common, own))
  const whole = { security: [], ...given, ...bodyOf(route, given), ...marks, response }
  return { schema: whole as FastifySchema, url }
}

type Route = Parameters<Transform>[0]['route']

/** What the route says of its body elsewhere than in the schema. */
function bodyOf({ config = {} }: Route, { body }: Record<string, unknown>): object {
  const { upload, form } = config
  if (upload !== undefined) return { consumes: ['multipart/form-data'], body: upload }
  return form === undefined ? {} : { body: withForms(body as Schema, form) }
}

/** What every route of its kind can answer, whatever it does. */
function commonCodes(route: Route, url: string, isMemoryOnly: boolean): string[] {
  const { unlimited, produces, anyBody } = route.config ?? {}
  const hasBody = route.method !== 'GET' && anyBody !== true
  const { querystring, headers } = route.schema ?? {}
  return [
    'malformed_request',
    ...(hasBody || querystring || headers ? ['validation_failed'] : []),
    // A path parameter of the wrong form names nothing.
    ...(url.includes(':') ? ['not_found'] : []),
    ...(produces?.length === 0 ? [] : ['not_acceptable']),
    'request_timeout',
    ...(hasBody ? ['payload_too_large', 'unsupported_media_type'] : []),
    'uri_too_long',
    ...(unlimited === true ? [] : ['rate_limited']),
    'headers_too_large',
    'internal',
    'overloaded',
    ...(isMemoryOnly ? [] : ['unavailable']),
  ]
}

/** Each status with the codes of both sides, each once. */
function merged(common: Problems, own: Problems): Problems {
  const codes = [own, common].flatMap((side) =>
    Object.values(side).flatMap(({ content }) =>
      Object.values(content).flatMap(({ examples }) => Object.keys(examples)),
    ),
  )
  return problems(...codes)
}

/** A status that a route also answers with a body of its own keeps both. */
function withProblems(own: Responses, all: Problems): Responses {
  const both = Object.entries(all).map(([status, problem]) => {
    if (own[status] === undefined) return [status, problem]
    const { headers: _none, ...described } = own[status] as Described
    const { 'x-response-description': before, ...schema } = described
    const text = `${before}\n\n${problem.description}`
    const content = { 'application/json': { schema }, ...problem.content }
    return [status, { description: text, content }]
  })
  return { ...own, ...Object.fromEntries(both) }
}

const transformObject: TransformObject = (document) => {
  if (!('openapiObject' in document)) return document.swaggerObject
  return completeDocument(document.openapiObject)
}
