import type { FastifyReply, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { negotiate } from '../../http/accept.ts'
import { closed, problems } from '../../http/schemas.ts'
import type { App } from '../../http/server.ts'
import { errorTable, NotFound } from '../../platform/error-table.ts'
import type { ErrorKind } from '../../platform/errors.ts'
import { listPage, pageCsp, problemPage } from './page.ts'

const produces = ['application/json', 'text/html']

const ProblemType = closed({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  action: Type.String(),
  detail: Type.String(),
  explanation: Type.String(),
})
const ProblemTypes = closed({ items: Type.Array(ProblemType) })
const Params = closed({
  code: Type.String({ pattern: '^[a-z_]{1,64}$', example: 'token_expired' }),
})

const kinds = new Map(errorTable.map((kind) => [kind.code, kind]))

/** The pages that the `type` of every problem names (RFC 9457 3.1.1). */
export async function problemRoutes(app: App): Promise<void> {
  app.get(
    '/problems',
    {
      config: { produces },
      schema: {
        operationId: 'listProblems',
        summary: 'All the errors that the server answers with',
        tags: ['Service'],
        response: { 200: either('The error table.', ProblemTypes) },
      },
    },
    async (request, reply) =>
      answer(request, reply, { items: errorTable.map(typeOf) }, () => listPage(errorTable)),
  )

  app.get(
    '/problems/:code',
    {
      config: { produces },
      schema: {
        operationId: 'getProblem',
        summary: 'What an error means',
        tags: ['Service'],
        params: Params,
        response: { 200: either('The error.', ProblemType), ...problems('not_found') },
      },
    },
    async (request, reply) => {
      const kind = kinds.get(request.params.code)
      if (kind === undefined) throw NotFound({ detail: 'There is no such problem.' })
      return answer(request, reply, typeOf(kind), () => problemPage(kind))
    },
  )
}

function either(description: string, schema: TSchema) {
  const content = {
    'application/json': { schema },
    'text/html': { schema: Type.String({ description: 'The same for people.' }) },
  }
  return { description, content }
}

function typeOf({ code, title, status, action, detail, explanation }: ErrorKind) {
  return { type: `/problems/${code}`, title, status, code, action, detail, explanation }
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  body: object,
  page: () => string,
): FastifyReply {
  const vary = [reply.getHeader('vary') ?? [], 'accept'].flat().join(', ')
  reply.headers({ vary, 'cache-control': 'public, max-age=300' })
  if (negotiate(request, produces) !== 'text/html') return reply.send(body)
  return reply
    .header('content-security-policy', pageCsp)
    .type('text/html; charset=utf-8')
    .send(page())
}
