import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { negotiate } from '../../http/headers/accept.ts'
import { textsFor } from '../../http/headers/accept-language.ts'
import { addVary } from '../../http/headers/vary.ts'
import type { Texts } from '../../languages/en/texts.ts'
import { tell } from '../../languages/text.ts'
import type { ErrorDefinition } from '../../platform/errors/api-error.ts'
import { NotFound } from '../../platform/errors/table.ts'
import { listPage, pageCsp, problemPage } from './page.ts'
import { getProblemSchema, listProblemsSchema, type ProblemType } from './schemas.ts'

const produces = ['application/json', 'text/html']
const config = { produces }

type Options = {
  /** What the addresses of the server begin with. */
  basePath: string
  errors: readonly ErrorDefinition[]
}

/** The pages that the `type` of every problem names (RFC 9457 3.1.1). */
export const problemRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { basePath, errors } = options
  const byCode = new Map(errors.map((row) => [row.code, row]))

  app.get('/problems', { config, schema: listProblemsSchema }, async (request, reply) => {
    const items = errors.map((row) => typeOf(row, basePath, textsFor(reply)))
    return answer(request, reply, { items }, () => listPage(items, basePath))
  })

  app.get('/problems/:code', { config, schema: getProblemSchema }, async (request, reply) => {
    const row = byCode.get(request.params.code)
    if (row === undefined) throw NotFound({ detail: ({ details }) => details.noSuchError })
    const texts = textsFor(reply)
    const type = typeOf(row, basePath, texts)
    return answer(request, reply, type, () => problemPage(type, basePath, texts))
  })
}

function typeOf(row: ErrorDefinition, basePath: string, texts: Texts): ProblemType {
  const { code, status, action } = row
  const [title, detail] = [tell(row.title, texts), tell(row.detail, texts)]
  const explanation = tell(row.explanation, texts)
  const type = `${basePath}/problems/${code}`
  return { type, title, status, code, action, detail, explanation }
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  body: object,
  page: () => string,
): FastifyReply {
  addVary(reply, 'accept')
  reply.header('cache-control', 'public, max-age=300')
  if (negotiate(request, produces) !== 'text/html') return reply.send(body)
  return reply
    .header('content-security-policy', pageCsp)
    .type('text/html; charset=utf-8')
    .send(page())
}
