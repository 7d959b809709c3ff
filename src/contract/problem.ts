import { type Static, Type } from 'typebox'
import { english } from '../languages/languages.ts'
import type { Action } from '../platform/errors/api-error.ts'
import { ChallengeView } from './challenge.ts'
import { oneOf } from './schema.ts'

const Issue = Type.Object(
  {
    pointer: Type.String({
      description:
        'JSON pointer (RFC 6901) into the body, or `/name` of a query parameter or header; empty for the whole body.',
    }),
    code: Type.String({ description: 'Stable name of the broken rule.' }),
    detail: Type.String({
      description: 'The problem, for people. Never repeats the value that was sent.',
    }),
  },
  { title: 'Issue', description: 'One error in the request.' },
)

/** The body of every error response (RFC 9457). The document lists the codes. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'URL of the page that explains the error.' }),
    title: Type.String({ description: 'The error in a few words, for people.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What happened, for people. The text may change.' }),
    instance: Type.String({ description: 'The request id, as in `X-Request-Id`.' }),
    code: Type.String({ description: 'Stable name of the error. Programs compare it.' }),
    action: oneOf(Object.keys(english.actions) as Action[], {
      description: 'What a client can do. Only `login` means that the session has ended.',
    }),
    errors: Type.Optional(
      Type.Array(Issue, { description: 'All problems in the request, at most 100.' }),
    ),
    'violated-policies': Type.Optional(
      Type.Array(Type.String(), { description: 'Names of the rate limits that are used up.' }),
    ),
    attemptsLeft: Type.Optional(
      Type.Integer({ minimum: 0, description: 'How many more guesses the challenge allows.' }),
    ),
    challenge: Type.Optional(ChallengeView),
  },
  { title: 'Problem', description: 'Every error has this form (RFC 9457).' },
)
export type Problem = Static<typeof Problem>

/** The codes of errors that a route answers with, in its `response` map beside the statuses. */
export type ProblemCodes = { codes: readonly string[] }

/** For the document: the route asks for an access token. */
export const signedInOnly = [{ bearer: [] }]

/** The errors of every route that asks for an access token. */
export const signedInProblems = [
  'unauthenticated',
  'invalid_token',
  'token_expired',
  'session_ended',
] as const

/**
 * Names the errors of a route, for the document: problems are never serialized by schema.
 *
 *     response: { 200: User, ...errorResponses('unauthenticated', 'session_ended') }
 */
export function errorResponses(...codes: string[]): Record<string, ProblemCodes> {
  return { problems: { codes } }
}
