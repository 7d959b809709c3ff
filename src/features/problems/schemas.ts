import { type Static, type TSchema, Type } from 'typebox'
import { TokenExpired } from '../../contract/errors.ts'
import { errorResponses } from '../../contract/problem.ts'
import { strictObject } from '../../contract/schema.ts'
import { english } from '../../languages/languages.ts'
import { tell } from '../../languages/text.ts'

const { definition: sample } = TokenExpired
const texts = {
  type: 'URL of the page that explains the error.',
  title: 'The error in a few words.',
  detail: 'What happened, in one sentence.',
  explanation: 'More about the error, in a paragraph.',
} as const
const sentence = (name: keyof typeof texts, example: string) =>
  Type.String({ description: texts[name], example })

const ProblemType = strictObject(
  {
    type: sentence('type', `/problems/${sample.code}`),
    title: sentence('title', tell(sample.title, english)),
    status: Type.Integer({ description: 'The HTTP status.', example: sample.status }),
    code: Type.String({ description: 'Stable name of the error.', example: sample.code }),
    action: Type.String({ description: 'What a client can do.', example: sample.action }),
    detail: sentence('detail', tell(sample.detail, english)),
    explanation: sentence('explanation', tell(sample.explanation, english)),
  },
  { title: 'ProblemType', description: 'A row of the error table.' },
)
export type ProblemType = Static<typeof ProblemType>

const ProblemTypes = strictObject(
  { items: Type.Array(ProblemType, { description: 'All errors, by status.' }) },
  { title: 'ProblemTypeList' },
)
const ProblemParams = strictObject({
  code: Type.String({
    pattern: '^[a-z_]{1,64}$',
    description: 'The `code` of an error.',
    example: sample.code,
  }),
})

export const listProblemsSchema = {
  operationId: 'listProblems',
  summary: 'All the errors that the server answers with',
  description:
    'The error table, as JSON, or as a page for people if `Accept` asks for HTML. Its texts are in the language of `Accept-Language`.',
  tags: ['Errors'],
  'x-memory-only': true,
  response: { 200: jsonOrPage('The error table.', ProblemTypes) },
}
export const getProblemSchema = {
  operationId: 'getProblem',
  summary: 'What an error means',
  description:
    'Explains one error, as JSON, or as a page for people if `Accept` asks for HTML. The `type` of every error is this URL.',
  tags: ['Errors'],
  'x-memory-only': true,
  params: ProblemParams,
  response: { 200: jsonOrPage('The error.', ProblemType), ...errorResponses('not_found') },
}

function jsonOrPage(description: string, schema: TSchema) {
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
