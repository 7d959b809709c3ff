import { Type } from 'typebox'
import { TRIM, withChecks } from '../../http/checks.ts'
import { answer, closed, Password, problems, text } from '../../http/schemas.ts'
import {
  SessionBody,
  sessionExamples,
  sessionHeaders,
  TransportName,
} from '../../http/session-answer.ts'

/** What a sign-in names an account by: looser than the rules for new names, which may change. */
const loginName = (description: string, example: string) =>
  Type.Optional(
    Type.Unsafe<string>({ ...text(254, { min: 1, description, example }), [TRIM]: true }),
  )

const Credentials = closed(
  {
    username: loginName(
      'The username, or the e-mail address, in any case. White space around it is taken off.',
      'lyshark',
    ),
    email: loginName(
      'The e-mail address, in place of `username`: one of the two is required.',
      'lyshark@example.com',
    ),
    password: Password,
    transport: Type.Optional(TransportName),
  },
  { title: 'Credentials' },
)

const CredentialsBody = withChecks(Credentials, ({ username, email }) => {
  const fault = (pointer: string, code: string, detail: string) => [{ pointer, code, detail }]
  if (username === undefined && email === undefined) {
    return fault('/username', 'required', 'Send the username or, in its place, the email.')
  }
  if (username !== undefined && email !== undefined) {
    return fault('/email', 'not_allowed', 'Send the username or the email, not both.')
  }
  if (typeof email !== 'string' || email.includes('@')) return []
  return fault('/email', 'invalid_format', 'Is not a valid e-mail address.')
})

export const loginSchema = {
  operationId: 'login',
  summary: 'Sign in with a username or an e-mail address',
  description:
    'Opens a session and answers with its tokens; other sessions of the account go on. A wrong name and a wrong password get the same answer. Repeated wrong passwords lock the account for devices that have not signed in before.',
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
    200: answer(SessionBody, 'The session, with its tokens.', sessionHeaders),
    ...problems('invalid_credentials', 'csrf_rejected'),
  },
}
