import { Type } from 'typebox'
import { sessionHeaders } from '../../contract/cookies.ts'
import { IdempotencyKey } from '../../contract/ids.ts'
import { isSamePassword, newPasswordIssues } from '../../contract/password-policy.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { type Refinement, withRefinement } from '../../contract/refinements.ts'
import { response, strictObject } from '../../contract/schema.ts'
import { SessionBody, sessionExamples } from '../../contract/session.ts'
import { newPasswordFields, Password } from '../../contract/user.ts'
import type { Text } from '../../languages/text.ts'

const CurrentPassword = Type.Unsafe<string>({
  ...Password,
  description: 'The current password. Required unless the account has none.',
  example: 'the password until now',
})
const Change = strictObject(
  { currentPassword: Type.Optional(CurrentPassword), ...newPasswordFields },
  { title: 'PasswordChange' },
)

const issuesOf: Refinement = (body) => {
  const issues = newPasswordIssues(body)
  const { currentPassword, newPassword } = body
  if (typeof currentPassword !== 'string' || typeof newPassword !== 'string') return issues
  if (isSamePassword(newPassword, currentPassword)) {
    const detail: Text = ({ fields }) => fields.passwordUnchanged
    issues.push({ pointer: '/newPassword', code: 'unchanged', detail })
  }
  return issues
}
const PasswordChangeBody = withRefinement(Change, issuesOf)

/** Of accounts with a password. */
export const ChangeByPassword = withRefinement(
  strictObject({ currentPassword: CurrentPassword, ...newPasswordFields }),
  issuesOf,
)

const set = { message: 'Your password is changed. Your other sessions have ended.' }

export const changePasswordSchema = {
  operationId: 'changePassword',
  summary: 'Change your password and end your other sessions',
  description:
    'Changes your password, ends all your other sessions, and gives this session new tokens: store both. Its older tokens stop working immediately. An account without a password gets its first one: instead of `currentPassword` it needs a recent proof. In cookie transport, the request needs an allowed `Origin`, since the new refresh token is in the cookie. With an `Idempotency-Key`, a retry with the token of before gets the same new tokens, until the session is refreshed.',
  tags: ['Accounts'],
  security: signedInOnly,
  headers: Type.Object({
    'idempotency-key': IdempotencyKey(
      'Names this request, so that its retry returns the same tokens.',
      'password-8f14e45f',
    ),
  }),
  body: PasswordChangeBody,
  'x-examples': {
    200: {
      body: { ...sessionExamples.body, set },
      cookie: { ...sessionExamples.cookie, set },
    },
  },
  response: {
    200: response(SessionBody, 'This session, with new tokens.', sessionHeaders),
    ...errorResponses(
      ...signedInProblems,
      'csrf_rejected',
      'weak_password',
      'wrong_password',
      'step_up_required',
    ),
  },
}
