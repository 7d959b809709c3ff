import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { Method } from '../../contract/challenge.ts'
import { sessionHeaders } from '../../contract/cookies.ts'
import { exampleCredential, FactorName } from '../../contract/factor.ts'
import { IdempotencyKey } from '../../contract/ids.ts'
import { newPasswordIssues } from '../../contract/password-policy.ts'
import { errorResponses } from '../../contract/problem.ts'
import { hint, withRefinement } from '../../contract/refinements.ts'
import { oneOf, response, strictObject, text } from '../../contract/schema.ts'
import { newPasswordFields, Password, Username } from '../../contract/user.ts'
import { english } from '../../languages/languages.ts'
import type { Issue } from '../../platform/errors/api-error.ts'
import { notAllowed, proofFields, required } from './answer-request.ts'
import type { Purpose } from './purpose.ts'

const token = Type.String({
  minLength: 1,
  maxLength: 4000,
  description: 'The `token` of the challenge.',
  example: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ',
})
const proofs = {
  code: Type.Optional(
    text(64, {
      min: 1,
      description: 'The code, with or without spaces and hyphens.',
      example: '1234 5678',
    }),
  ),
  password: Type.Optional(Password),
  codeVerifier: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9\\-._~]{43,128}$',
      ...hint('codeVerifier'),
      description: 'What `codeChallenge` was made from (RFC 7636).',
      example: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    }),
  ),
  credential: Type.Optional(
    Type.Unsafe<object>({
      type: 'object',
      additionalProperties: true,
      description:
        'What `navigator.credentials` has returned, as its `toJSON()` gives it (WebAuthn 3).',
      example: exampleCredential,
    }),
  ),
}

const others = {
  newPassword: Type.Optional(newPasswordFields.newPassword),
  name: Type.Optional(FactorName),
  trustDevice: Type.Optional(
    Type.Boolean({
      description: 'Whether this browser may leave out the second factor at the next sign-ins.',
      example: false,
    }),
  ),
  username: Type.Optional(
    Type.Unsafe<string>({
      ...Username,
      description: 'Of a new account; without it the server makes one.',
    }),
  ),
}

const Message = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: english.messages.codeSentAgain,
    }),
  },
  { title: 'CodeSent' },
)

const shared = { tags: ['Accounts'] }
type Purposes = ReadonlyMap<string, Purpose>

export const sendSchema = {
  ...shared,
  operationId: 'resendChallenge',
  summary: 'Have the code mailed once more',
  description:
    'Mails the same code again, where the challenge has one that is mailed. The earlier mails stay good.',
  body: strictObject({ challenge: token }, { title: 'ChallengeResend' }),
  response: {
    202: response(Message, 'The mail is on its way, where there is such an account.'),
    ...errorResponses('challenge_over'),
  },
}
const AnswerBody = strictObject({
  challenge: token,
  method: Type.Unsafe<Method>(Type.String()),
  ...proofs,
  ...others,
  newPasswordConfirm: newPasswordFields.newPasswordConfirm,
})
export type AnswerBody = Static<typeof AnswerBody>

/** @param purposes those that are served: the schema has what one of them takes */
export function answerSchema(purposes: Purposes) {
  const all = [...purposes.values()]
  const methods = [...new Set(all.flatMap((purpose) => purpose.methods))]
  const used: string[] = ['challenge', 'method', ...methods.map((name) => proofFields[name])]
  used.push(...Object.keys(others).filter((name) => all.some(({ takes }) => name in (takes ?? {}))))
  const takesPassword = used.includes('newPassword')
  if (takesPassword) used.push('newPasswordConfirm')
  const method = oneOf(methods, { description: 'How you prove it.', example: methods[0] })
  const properties = { ...AnswerBody.properties, method }
  const body = strictObject(
    Object.fromEntries(Object.entries(properties).filter(([name]) => used.includes(name))),
    { title: 'ChallengeAnswer' },
  ) as TObject as typeof AnswerBody
  return {
    ...shared,
    operationId: 'answerChallenge',
    summary: 'Prove it',
    description:
      'Answers a challenge with one of its methods. Five different guesses are allowed; `attemptsLeft` counts them. A right answer uses the challenge up. With an `Idempotency-Key`, a retry of the same request gets the same response.',
    security: [{ bearer: [] }, {}],
    headers: AnswerHeaders,
    body: withRefinement(body, answerIssues),
    'x-examples': { request: answerExamples(used) },
    response: {
      ...responsesOf(all),
      ...errorResponses(
        ...['invalid_credentials', 'challenge_over', 'unauthenticated', 'csrf_rejected'],
        ...(takesPassword ? ['weak_password'] : []),
        ...new Set(all.flatMap(({ errors = [] }) => errors)),
      ),
    },
  }
}

const AnswerHeaders = Type.Object({
  'idempotency-key': IdempotencyKey(
    'Names this answer. A retry of the same request gets the same response, as long as the challenge has not expired.',
    'answer-8f14e45f',
  ),
})

function answerExamples(used: readonly string[]) {
  const but = (...kept: string[]) =>
    used.filter((name) => !['challenge', 'method', ...kept].includes(name))
  const password = ['newPassword', 'newPasswordConfirm']
  const set = { method: 'mail_code' }
  return {
    code: { summary: 'A code', set, omit: but('code') },
    ...(used.includes('newPassword')
      ? {
          newPassword: {
            summary: 'A code and a new password',
            set,
            omit: but('code', ...password),
          },
        }
      : {}),
    ...(used.includes('codeVerifier')
      ? {
          oidc: {
            summary: 'Behind a provider',
            set: { method: 'oidc' },
            omit: but('codeVerifier'),
          },
        }
      : {}),
  }
}

function answerIssues(body: Record<string, unknown>): Issue[] {
  const proof = proofFields[body.method as Method] as string | undefined
  if (proof === undefined) return []
  const others = Object.keys(proofs).filter((name) => name !== proof && body[name] !== undefined)
  return [
    ...(body[proof] === undefined ? [required(proof)] : []),
    ...others.map(notAllowed),
    ...newPasswordIssues(body),
  ]
}

/** One schema for each status, or several as alternatives. */
function responsesOf(purposes: readonly Purpose[]) {
  const byStatus: Record<number, object> = {}
  const has = ({ response }: Purpose, status: number) =>
    response.status === status || (status === 201 && response.mayBeNew === true)
  for (const status of [200, 201]) {
    const those = purposes.filter((purpose) => has(purpose, status))
    if (those.length === 0) continue
    const schemas = [...new Set(those.map(({ response }) => response.schema))]
    const [first = strictObject({} as TProperties)] = schemas
    const schema = schemas.length === 1 ? first : Type.Union(schemas)
    const descriptions = [...new Set(those.map(({ response }) => response.description))]
    byStatus[status] = response(schema, descriptions.join(' '), sessionHeaders)
  }
  return byStatus
}
