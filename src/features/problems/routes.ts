import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { negotiate } from '../../http/headers/accept.ts'
import { languageFor } from '../../http/headers/accept-language.ts'
import { addVary } from '../../http/headers/vary.ts'
import type { Texts } from '../../languages/en/texts.ts'
import { catalogues, type Language } from '../../languages/languages.ts'
import { perLanguage } from '../../languages/per-language.ts'
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
  const tableIn = perLanguage((language) => tableOf(options, language))

  app.get('/problems', { config, schema: listProblemsSchema }, async (request, reply) =>
    answer(request, reply, tableIn(languageFor(reply)).list),
  )

  app.get('/problems/:code', { config, schema: getProblemSchema }, async (request, reply) => {
    const found = tableIn(languageFor(reply)).byCode.get(request.params.code)
    if (found === undefined) throw NotFound({ detail: ({ details }) => details.noSuchError })
    return answer(request, reply, found)
  })
}

/** What there is to answer: the same as JSON and as a page. */
type Shown = { body: object; page: string }

function tableOf({ basePath, errors }: Options, language: Language) {
  const items = errors.map((row) => typeOf(row, basePath, catalogues[language]))
  const list: Shown = { body: { items }, page: listPage(items, basePath, language) }
  const byCode = items.map((item): [string, Shown] => {
    return [item.code, { body: item, page: problemPage(item, basePath, language) }]
  })
  return { list, byCode: new Map(byCode) }
}

function typeOf(row: ErrorDefinition, basePath: string, texts: Texts): ProblemType {
  const { code, status, action } = row
  const [title, detail] = [tell(row.title, texts), tell(row.detail, texts)]
  const explanation = tell(row.explanation, texts)
  const type = `${basePath}/problems/${code}`
  return { type, title, status, code, action, detail, explanation }
}

function answer(request: FastifyRequest, reply: FastifyReply, { body, page }: Shown): FastifyReply {
  addVary(reply, 'accept')
  reply.header('cache-control', 'public, max-age=300')
  if (negotiate(request, produces) !== 'text/html') return reply.send(body)
  return reply
    .header('content-security-policy', pageCsp)
    .type('text/html; charset=utf-8')
    .send(page)
}
