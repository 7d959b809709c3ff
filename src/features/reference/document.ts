import { STATUS_CODES } from 'node:http'
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import { REFRESH_COOKIE } from '../../http/credentials.ts'
import {
  PROBLEM_MEDIA_TYPE,
  type ProblemResponse,
  ProblemSchema,
  problems,
} from '../../http/schemas.ts'

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>
type TransformObject = NonNullable<FastifyDynamicSwaggerOptions['transformObject']>
type Response = {
  description: string
  content?: Record<string, { schema: unknown }>
  headers?: Record<string, object>
}
type Operation = {
  responses: Record<string, Response>
  requestBody?: { required?: boolean }
  [OPTIONAL_BODY]?: boolean
}

const OPTIONAL_BODY = 'x-optional-body'
/** What the plugin writes where a response has no description. */
const UNDESCRIBED = 'Default Response'

/** What tells a client how long to wait (RFC 9110 10.2.3, draft-ietf-httpapi-ratelimit-headers-11). */
const limitHeaders = {
  'Retry-After': {
    description: 'Seconds to wait.',
    schema: { type: 'integer', minimum: 1 },
    example: 37,
  },
  RateLimit: {
    description: 'The budget that is used up, what is left of it, and seconds until there is more.',
    schema: { type: 'string' },
    example: '"login";r=0;t=37',
  },
  'RateLimit-Policy': {
    description: 'How many requests in how many seconds the budget has.',
    schema: { type: 'string' },
    example: '"login";q=60;w=60',
  },
}

const description = `Accounts and sessions for your application.

Errors are RFC 9457 problem details. \`code\` is stable; \`action\` says what a client does, and only
\`login\` means that the session is over. \`GET /problems\` explains every code.

Times are RFC 3339 in UTC, durations whole seconds, ids lower-case UUIDv7. Unknown fields, wrong types
and values out of range are refused; nothing is converted. Every response carries \`X-Request-Id\`.`

const tags = [
  { name: 'Accounts', description: 'Registration and the own account.' },
  { name: 'Sessions', description: 'Signing in, staying signed in, signing out.' },
  {
    name: 'Houses',
    description: 'A protected resource: whoever is signed in reads it, owners and admins write it.',
  },
  { name: 'Service', description: 'The server itself: health, keys, errors, reference.' },
]

/** How the OpenAPI 3.1 document is made from the routes. */
export function documentOptions(publicUrl: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Latchkey',
        version: '0.1.0',
        description,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl, description: 'This server' }],
      tags,
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'The access token of a session; at `/refresh` and `/logout` its refresh token.',
          },
          cookie: {
            type: 'apiKey',
            in: 'cookie',
            name: REFRESH_COOKIE,
            description: 'The refresh token of a session in cookie transport.',
          },
        },
        // The types of the document know OpenAPI 3.0 schemas only.
        schemas: { Problem: ProblemSchema as object },
      },
    },
    transform,
    transformObject,
  }
}

/** Gives a route its problems back, those of every route, and an explicit "no credential needed". */
const transform: Transform = ({ schema, url, route }) => {
  if ((schema as { hide?: boolean } | undefined)?.hide === true) return { schema, url }
  const { optionalBody, upload, unlimited, problems: own = {} } = route.config ?? {}
  const form = upload === undefined ? {} : { consumes: ['multipart/form-data'], body: upload }
  const whole: FastifySchema = { ...schema, ...form }
  const marks = optionalBody === true ? { [OPTIONAL_BODY]: true } : {}
  const response = {
    ...(schema?.response as object | undefined),
    ...merged(commonProblems(whole, unlimited === true), own),
  }
  return { schema: { security: [], ...whole, ...marks, response } as FastifySchema, url }
}

function commonProblems(schema: FastifySchema, isUnlimited: boolean) {
  const codes = [
    'malformed_request',
    'validation_failed',
    'not_acceptable',
    'internal',
    'overloaded',
    'unavailable',
  ]
  if (!isUnlimited) codes.push('rate_limited')
  if (schema.body !== undefined) codes.push('payload_too_large', 'unsupported_media_type')
  return problems(...codes)
}

type Problems = Record<string, ProblemResponse>

/** Each status with the codes of both sides, each once. */
function merged(common: Problems, own: Problems): Problems {
  const all: Problems = { ...common, ...own }
  for (const [status, problem] of Object.entries(all)) {
    const sides = [common[status], own[status]].flatMap((side) => side?.description.split('\n\n'))
    const lines = new Set(sides.filter((line) => line !== undefined))
    all[status] = { ...problem, description: [...lines].join('\n\n') }
  }
  return all
}

/** What the types of the plugin do not say: one schema for all problems, bodies that may be missing. */
const transformObject: TransformObject = (document) => {
  if (!('openapiObject' in document)) return document.swaggerObject
  const { openapiObject } = document
  const paths = Object.values(openapiObject.paths ?? {})
  const operations = paths.flatMap((path) => Object.values(path ?? {})) as Operation[]
  for (const operation of operations) finish(operation)
  return openapiObject
}

function finish(operation: Operation): void {
  if (operation[OPTIONAL_BODY] === true && operation.requestBody !== undefined) {
    operation.requestBody.required = false
  }
  delete operation[OPTIONAL_BODY]
  for (const [status, response] of Object.entries(operation.responses)) {
    const problem = response.content?.[PROBLEM_MEDIA_TYPE]
    if (problem !== undefined) problem.schema = { $ref: '#/components/schemas/Problem' }
    if (status === '429') response.headers = limitHeaders
    if (response.description === UNDESCRIBED) {
      response.description = STATUS_CODES[status] ?? UNDESCRIBED
    }
  }
}
