import { type Static, Type } from 'typebox'
import { SessionId } from './ids.ts'
import { oneOf, strictObject, timestamp } from './schema.ts'
import { UserView } from './user.ts'

/** How a refresh token travels. */
export const Transport = oneOf(['body', 'cookie'], {
  description:
    'How the refresh token is sent: `body` for apps, servers and command lines, `cookie` for browsers.',
  example: 'body',
})
export type Transport = Static<typeof Transport>

export const exampleTokens = {
  access: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMWExZjg2NC02ODc5In0.c2lnbmF0dXJl',
  refresh: 'eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl',
} as const

/** A refresh token in the body of a request or a response. */
export const refreshToken = (description: string) =>
  Type.Optional(Type.String({ maxLength: 4096, description, example: exampleTokens.refresh }))

const seconds = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, example })

const sessionFields = {
  access_token: Type.String({
    description:
      'Send it as `Authorization: Bearer …` with every protected request. A JWT (RFC 9068).',
    example: exampleTokens.access,
  }),
  token_type: Type.Literal('Bearer', { description: 'How to send the access token (RFC 6750).' }),
  expires_in: seconds('Seconds until the access token expires.', 900),
  refresh_token: refreshToken(
    'Exchange it for new tokens at `POST /refresh`. Keep it secret. Absent in cookie transport.',
  ),
  refresh_expires_in: seconds(
    'Seconds until the session ends, unless it is refreshed before then.',
    2_592_000,
  ),
  refreshAfter: seconds('Seconds from now until a client should refresh.', 790),
  sessionId: SessionId,
  serverTime: timestamp(
    'The time on the server, for devices whose clock is wrong.',
    '2026-11-20T10:00:00.000Z',
  ),
  user: UserView,
  message: Type.String({
    description: 'For people, not for programs.',
    example: 'Welcome back, lyshark!',
  }),
}

/** Response of register, login and password change. */
export const SessionBody = strictObject(sessionFields, {
  title: 'Session',
  description: 'A new or continued session, with its tokens.',
})
export type SessionBody = Static<typeof SessionBody>

export const RefreshedSessionBody = strictObject(
  {
    ...sessionFields,
    refreshed: oneOf(['rotated', 'replayed'], {
      description:
        '`rotated`: the refresh token is new. `replayed`: it is the one that the session already has.',
      example: 'rotated',
    }),
  },
  { title: 'RefreshedSession', description: 'A refreshed session, with its new tokens.' },
)
export type RefreshedSessionBody = Static<typeof RefreshedSessionBody>

/** For the document: the session body in both transports. */
export const sessionExamples = {
  body: { summary: 'Body transport' },
  cookie: {
    summary: 'Cookie transport: the refresh token is in the cookie',
    omit: ['refresh_token'],
  },
} as const
