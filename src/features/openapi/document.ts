import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import { hostCookies } from '../../config/browsers.ts'
import { VERSION } from '../../platform/version.ts'
import { completeDocument, OPTIONAL_BODY } from './complete.ts'
import type { Schema } from './examples.ts'
import { withForms } from './forms.ts'
import type { ProblemResponse, Problems } from './problems.ts'
import { description } from './prose.ts'

export type Tag = { name: string; description: string }
type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>
type Responses = Record<string, object>
type Described = { 'x-response-description'?: string; headers?: object }

/** Marks a route that needs no database. */
const MEMORY_ONLY = 'x-memory-only'

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The **access token**: `access_token` of `POST /register`, `POST /login` or `POST /refresh`, sent as `Authorization: Bearer …` with every protected request. It expires after a few minutes; refresh it then.',
  },
  refreshToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The **refresh token** in body transport, sent as `Authorization: Bearer …` to `POST /refresh` and `POST /logout` only. You may also send it in the body. Everywhere else it is refused as `invalid_token`.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: hostCookies.refresh,
    description:
      'The **refresh token** in cookie transport. Browsers store and send it automatically, and no script can read it. `POST /refresh` and `POST /logout` accept it from an allowed `Origin`. If `PUBLIC_URL` is plain http on `localhost`, its name is `latchkey-refresh`, without `Secure`; never in production.',
  },
} as const

/** Options for the plugin, which makes the OpenAPI 3.1 document from the routes. */
export function documentOptions(
  publicUrl: string,
  tags: Tag[],
  problems: Problems,
): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Latchkey',
        version: VERSION,
        description,
        contact: { name: 'The operator of this server', url: publicUrl },
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl, description: 'This server' }],
      tags,
      components: { securitySchemes },
    },
    transform: transformWith(problems),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject
      return completeDocument(document.openapiObject, problems)
    },
  }
}

/** Adds the problems of each route, and an explicit "no credential needed". */
function transformWith({ responsesFor }: Problems): Transform {
  return ({ schema, url, route }) => {
    if ((schema as { hide?: boolean } | undefined)?.hide === true) return { schema, url }
    const { optionalBody, problems: own = [] } = route.config ?? {}
    const { [MEMORY_ONLY]: isMemoryOnly, ...given } = (schema ?? {}) as Record<string, unknown>
    const marks = optionalBody === true ? { [OPTIONAL_BODY]: true } : {}
    const all = responsesFor([...own, ...commonCodes(route, url, isMemoryOnly === true)])
    const response = withProblems((given.response ?? {}) as Responses, all)
    const whole = { security: [], ...given, ...bodyOf(route, given), ...marks, response }
    return { schema: whole as FastifySchema, url }
  }
}

type Route = Parameters<Transform>[0]['route']

/** Parts of the body that the route describes outside its schema. */
function bodyOf({ config = {} }: Route, { body }: Record<string, unknown>): object {
  const { upload, form } = config
  if (upload !== undefined) return { consumes: ['multipart/form-data'], body: upload }
  return form === undefined ? {} : { body: withForms(body as Schema, form) }
}

/** Errors of every route of its kind. */
function commonCodes(route: Route, url: string, isMemoryOnly: boolean): string[] {
  const { unlimited, produces, anyBody } = route.config ?? {}
  const hasBody = route.method !== 'GET' && anyBody !== true
  const { querystring, headers } = route.schema ?? {}
  return [
    'malformed_request',
    ...(hasBody || querystring || headers ? ['validation_failed'] : []),
    // A malformed path parameter names nothing.
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

/** Merges a status that has a body of the route and a problem. */
function withProblems(own: Responses, all: Record<string, ProblemResponse>): Responses {
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
