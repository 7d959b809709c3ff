import { Type } from 'typebox'
import { sessionHeaders } from '../../contract/cookies.ts'
import { errorResponses } from '../../contract/problem.ts'
import { withRefinement } from '../../contract/refinements.ts'
import { response, strictObject } from '../../contract/schema.ts'
import { SessionBody, sessionExamples, Transport } from '../../contract/session.ts'
import { loginName, Password } from '../../contract/user.ts'
import type { Text } from '../../languages/text.ts'

const Credentials = strictObject(
  {
    username: loginName(
      'The username or the e-mail address. Upper and lower case count as equal. The server removes white space around it.',
      'lyshark',
    ),
    email: loginName(
      'The e-mail address, instead of `username`. One of the two is required.',
      'lyshark@example.com',
    ),
    password: Password,
    transport: Type.Optional(Transport),
  },
  { title: 'Credentials' },
)

const CredentialsBody = withRefinement(Credentials, ({ username, email }) => {
  const issue = (pointer: string, code: string, detail: Text) => [{ pointer, code, detail }]
  if (username === undefined && email === undefined) {
    return issue('/username', 'required', ({ fields }) => fields.usernameOrEmail)
  }
  if (username !== undefined && email !== undefined) {
    return issue('/email', 'not_allowed', ({ fields }) => fields.notBoth)
  }
  if (typeof email !== 'string' || email.includes('@')) return []
  return issue('/email', 'invalid_format', ({ fields }) => fields.email)
})

export const loginSchema = {
  operationId: 'login',
  summary: 'Sign in with a username or an e-mail address',
  description:
    'Opens a session and returns its tokens. Other sessions of the account continue. A wrong name and a wrong password get the same answer. Repeated wrong passwords lock the account for devices that have not signed in before. Where the server asks for verified addresses, the right password of an account without one is 401 `verification_required`, with the `challenge` that a mailed code answers. Where the account has a second factor, it is 401 `second_factor_required`, with the `challenge` that the factor answers.',
  tags: ['Sessions'],
  body: CredentialsBody,
  'x-examples': {
    request: {
      body: { summary: 'An app, a server, a command line', omit: ['email', 'transport'] },
      email: { summary: 'By the e-mail address', omit: ['username', 'transport'] },
      cookie: { summary: 'A browser', omit: ['email'], set: { transport: 'cookie' } },
    },
    200: sessionExamples,
  },
  response: {
    200: response(SessionBody, 'The session, with its tokens.', sessionHeaders),
    ...errorResponses(
      'invalid_credentials',
      'verification_required',
      'second_factor_required',
      'csrf_rejected',
    ),
  },
}
