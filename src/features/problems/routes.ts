import type { FastifyReply, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { negotiate } from '../../http/accept.ts'
import { closed, problems } from '../../http/schemas.ts'
import type { App } from '../../http/server.ts'
import { addVary } from '../../http/vary.ts'
import { errorTable, NotFound, TokenExpired } from '../../platform/error-table.ts'
import type { ErrorKind } from '../../platform/errors.ts'
import { listPage, pageCsp, problemPage } from './page.ts'

const produces = ['application/json', 'text/html']

const { kind: sample } = TokenExpired
const texts = {
  type: 'Address of the page that explains the error.',
  title: 'The error in a few words.',
  detail: 'What happened, in one sentence.',
  explanation: 'What to know about it, in a paragraph.',
} as const
const words = (name: keyof typeof texts, example: string) =>
  Type.String({ description: texts[name], example })

const ProblemType = closed(
  {
    type: words('type', `/problems/${sample.code}`),
    title: words('title', sample.title),
    status: Type.Integer({ description: 'The HTTP status.', example: sample.status }),
    code: Type.String({ description: 'Stable name of the error.', example: sample.code }),
    action: Type.String({ description: 'What a client can do.', example: sample.action }),
    detail: words('detail', sample.detail),
    explanation: words('explanation', sample.explanation),
  },
  { title: 'ProblemType', description: 'A row of the error table.' },
)
const ProblemTypes = closed(
  { items: Type.Array(ProblemType, { description: 'All errors, by status.' }) },
  { title: 'ProblemTypeList' },
)
const Params = closed({
  code: Type.String({
    pattern: '^[a-z_]{1,64}$',
    description: 'The `code` of an error.',
    example: sample.code,
  }),
})

const list = {
  operationId: 'listProblems',
  summary: 'All the errors that the server answers with',
  description: 'The error table: JSON, or a page for people where `Accept` asks for HTML.',
  tags: ['Errors'],
  'x-memory-only': true,
  response: { 200: either('The error table.', ProblemTypes) },
}
const one = {
  operationId: 'getProblem',
  summary: 'What an error means',
  description:
    'Explains one error. The `type` of every error answer is this address: JSON, or a page for people where `Accept` asks for HTML.',
  tags: ['Errors'],
  'x-memory-only': true,
  params: Params,
  response: { 200: either('The error.', ProblemType), ...problems('not_found') },
}

/** What the addresses of the server begin with. */
type Options = { basePath: string }

const kinds = new Map(errorTable.map((kind) => [kind.code, kind]))

/** The pages that the `type` of every problem names (RFC 9457 3.1.1). */
export async function problemRoutes(app: App, { basePath }: Options): Promise<void> {
  const items = errorTable.map((kind) => typeOf(kind, basePath))

  app.get('/problems', { config: { produces }, schema: list }, async (request, reply) =>
    answer(request, reply, { items }, () => listPage(errorTable, basePath)),
  )

  app.get('/problems/:code', { config: { produces }, schema: one }, async (request, reply) => {
    const kind = kinds.get(request.params.code)
    if (kind === undefined) throw NotFound({ detail: 'There is no such problem.' })
    return answer(request, reply, typeOf(kind, basePath), () => problemPage(kind, basePath))
  })
}

function either(description: string, schema: TSchema) {
  const content = {
    'application/json': { schema },
    'text/html': {
      schema: Type.String({
        description: 'The same for people.',
        example: '<!doctype html><html lang="en"><title>Problems · Latchkey</title>…</html>',
      }),
    },
  }
  return { description, content }
}

function typeOf(kind: ErrorKind, basePath: string) {
  const { code, title, status, action, detail, explanation } = kind
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
