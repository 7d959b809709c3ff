import type { InjectOptions } from 'fastify'
import { Type } from 'typebox'
import { CsrfRejected, WeakPassword } from '../../src/contract/errors.ts'
import { IdParams } from '../../src/contract/ids.ts'
import { withRefinement } from '../../src/contract/refinements.ts'
import { nullable, oneOf, strictObject, text } from '../../src/contract/schema.ts'
import { Email, Username } from '../../src/contract/user.ts'
import { errorTable } from '../../src/error-table.ts'
import { createServer } from '../../src/http/app.ts'
import { ApiError } from '../../src/platform/errors/api-error.ts'

export const ID = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42'
export const thing = { username: 'lyshark', email: 'ly@example.com' }

export const Thing = withRefinement(
  strictObject({
    username: Username,
    email: Email,
    name: Type.Optional(nullable(text(5))),
    kind: Type.Optional(oneOf(['body', 'cookie'])),
    size: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    either: Type.Optional(Type.Union([Type.String({ maxLength: 2 }), Type.Boolean()])),
    tags: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 2 })),
    nested: Type.Optional(strictObject({ 'a/b~c': Type.String() })),
    password: Type.Optional(Type.String()),
    again: Type.Optional(Type.String()),
  }),
  ({ password, again }) => [
    ...(password === 'weak'
      ? [{ pointer: '/password', code: 'too_common', detail: 'Is common.', error: WeakPassword }]
      : []),
    ...(again === undefined || again === password
      ? []
      : [{ pointer: '/again', code: 'mismatch', detail: 'The two passwords must be the same.' }]),
  ],
)

/** A server with a route for each thing that the wire has to get right. */
export function wire(level = 'silent', logs: string[] = []) {
  const app = createServer({
    http: { trustProxy: [], publicUrl: 'https://example.com' },
    log: { level, stream: { write: (line) => void logs.push(line) } },
    isUnavailable: (error) => error instanceof Error && error.message === 'database is locked',
    whoIs: () => 'user-1',
  })
  app.post('/things', { schema: { body: Thing } }, async ({ body }) => ({ got: body }))
  app.get('/things/:id', { schema: { params: IdParams } }, async ({ params }) => params)
  app.delete('/things/:id', async (_request, reply) => reply.code(204).send())
  app.get(
    '/page',
    {
      schema: {
        querystring: strictObject({ size: Type.Optional(Type.String({ pattern: '^[1-9]\\d?$' })) }),
        headers: Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ maxLength: 3 })) }),
      },
    },
    async ({ query }) => query,
  )
  app.post(
    '/optional',
    { config: { optionalBody: true }, schema: { body: strictObject({}) } },
    ({ body }) => Promise.resolve({ got: body }),
  )
  app.post('/text', { config: { produces: ['text/csv', 'text/plain'] } }, (_request, reply) =>
    reply.type('text/csv').send('a,b'),
  )
  app.get('/throws/:what', async ({ params }) => {
    throw thrown[(params as { what: string }).what]
  })
  return app
}

const coded = (code: string, properties: object = {}) =>
  Object.assign(new Error('secret text of a library'), { code, ...properties })

const thrown: Record<string, unknown> = {
  error: new Error('secret: hunter2'),
  text: 'hunter2',
  nothing: undefined,
  locked: new Error('database is locked'),
  jwt: coded('FAST_JWT_INVALID_ALGORITHM'),
  wrapped: coded('FST_JWT_AUTHORIZATION_TOKEN_INVALID', { statusCode: 401 }),
  plugin: coded('FST_ERR_PLUGIN_OWN', { statusCode: 429 }),
  exposed: Object.assign(new Error('Not here'), { statusCode: 404, expose: true }),
  fetched: Object.assign(new Error('upstream said no'), { statusCode: 401 }),
  headers: CsrfRejected({ detail: 'No.', headers: { vary: 'origin' } }),
}
for (const kind of errorTable) thrown[kind.code] = new ApiError(kind)

export const post = (payload: InjectOptions['payload'], headers = {}): InjectOptions => ({
  method: 'POST',
  url: '/things',
  headers: { 'content-type': 'application/json', ...headers },
  payload:
    typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
})

export const fault = (pointer: string, code: string, detail: string) => ({ pointer, code, detail })
export const unknownField = (pointer: string) =>
  fault(pointer, 'unknown_field', 'This field is unknown.')
export const required = (pointer: string) => fault(pointer, 'required', 'This field is required.')
