import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import { REFRESH_COOKIE } from '../../http/credentials.ts'
import { PROBLEM_MEDIA_TYPE, ProblemSchema, problems } from '../../http/schemas.ts'

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>
type TransformObject = NonNullable<FastifyDynamicSwaggerOptions['transformObject']>
type Responses = Record<string, { content?: Record<string, { schema: unknown }> }>

const PROBLEM_REF = { $ref: '#/components/schemas/Problem' }

const description = `Accounts and sessions for your application.

Errors are RFC 9457 problem details. \`code\` is stable; \`action\` says what a client does, and only
\`login\` means that the session is over. \`GET /problems\` explains every code.

Times are RFC 3339 in UTC, durations whole seconds, ids lower-case UUIDv7. Unknown fields, wrong types
and values out of range are refused; nothing is converted. Every response carries \`X-Request-Id\`.`

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
      tags: [
        { name: 'accounts', description: 'Registration and the own account.' },
        { name: 'sessions', description: 'Signing in, staying signed in, signing out.' },
        { name: 'password', description: 'Changing the password.' },
        { name: 'keys', description: 'The keys that access tokens are verified with.' },
        { name: 'service', description: 'The server itself: health, errors, reference.' },
      ],
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
  const response = {
    ...(schema?.response as object | undefined),
    ...commonProblems(schema),
    ...route.config?.problems,
  }
  return { schema: { security: [], ...schema, response } as FastifySchema, url }
}

function commonProblems(schema: FastifySchema | undefined) {
  const codes = ['malformed_request', 'validation_failed', 'not_acceptable', 'internal']
  if (schema?.body !== undefined) codes.push('payload_too_large', 'unsupported_media_type')
  return problems(...codes)
}

/** One schema for all problems. */
const transformObject: TransformObject = (document) => {
  if (!('openapiObject' in document)) return document.swaggerObject
  const { openapiObject } = document
  const operations = Object.values(openapiObject.paths ?? {}).flatMap((path) =>
    Object.values(path ?? {}),
  )
  for (const { responses } of operations as { responses?: Responses }[]) {
    for (const { content } of Object.values(responses ?? {})) {
      const problem = content?.[PROBLEM_MEDIA_TYPE]
      if (problem !== undefined) problem.schema = PROBLEM_REF
    }
  }
  return openapiObject
}
