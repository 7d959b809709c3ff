import type {} from '@fastify/cookie'
import type { FastifyReply } from 'fastify'
import { type Static, Type } from 'typebox'
import { type Browsers, hostCookies } from '../config-browsers.ts'
import { closed, nullable, oneOf, SessionId, timestamp, UserId, Username } from './schemas.ts'

/** What an account shows to its owner. */
export const UserView = closed(
  {
    id: UserId,
    username: Username,
    // Without the rules for new ones: they may be stricter than those of the day when it was given.
    email: Type.String({
      description: 'The e-mail address as it was typed.',
      example: 'lyshark@example.com',
    }),
    name: nullable(Type.String({ description: 'Any name, in any script.', example: 'Ly Shark' })),
    role: oneOf(['user', 'admin'], {
      description: 'An `admin` may change what belongs to others.',
      example: 'user',
    }),
    emailVerified: Type.Boolean({
      description: 'Whether the owner has shown that mail arrives there.',
      example: false,
    }),
    createdAt: timestamp('When the account was made.', '2026-11-20T09:58:12.345Z'),
  },
  { title: 'User', description: 'An account, as its owner sees it.' },
)

/** The ways in which a refresh token travels. */
export const TransportName = oneOf(['body', 'cookie'], {
  description:
    'Where the refresh token travels: `body` for apps, servers and command lines, `cookie` for browsers.',
  example: 'body',
})

const ACCESS_TOKEN =
  'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMWExZjg2NC02ODc5In0.c2lnbmF0dXJl'
const REFRESH_TOKEN =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.eyJzaWQiOiIwMWExZjg2Ni0wZDAwIn0.c2lnbmF0dXJl'

/** A refresh token in the body of a request or an answer. */
export const refreshToken = (description: string) =>
  Type.Optional(Type.String({ maxLength: 4096, description, example: REFRESH_TOKEN }))

const seconds = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, example })

const sessionFields = {
  access_token: Type.String({
    description: 'Send it as `Authorization: Bearer …` to everything protected. A JWT (RFC 9068).',
    example: ACCESS_TOKEN,
  }),
  token_type: Type.Literal('Bearer', { description: 'How the access token is sent (RFC 6750).' }),
  expires_in: seconds('Seconds until the access token is over.', 900),
  refresh_token: refreshToken(
    'Trade it for new tokens at `POST /refresh`; keep it secret. Missing in cookie transport.',
  ),
  refresh_expires_in: seconds(
    'Seconds until the session is over, unless it is refreshed before.',
    2_592_000,
  ),
  refreshAfter: seconds('Seconds from now after which a client had best refresh.', 790),
  sessionId: SessionId,
  serverTime: timestamp(
    "The server's clock, for devices with a wrong one.",
    '2026-11-20T10:00:00.000Z',
  ),
  user: UserView,
  message: Type.String({
    description: 'For people, not for programs.',
    example: 'Welcome back, lyshark!',
  }),
}

/** The answer to everything that opens or carries on a session. */
export const SessionBody = closed(sessionFields, {
  title: 'Session',
  description: 'A session that was opened or goes on, with its tokens.',
})

export const RefreshedSessionBody = closed(
  {
    ...sessionFields,
    refreshed: oneOf(['rotated', 'replayed'], {
      description:
        '`rotated`: the refresh token is a new one. `replayed`: the one that the session has already.',
      example: 'rotated',
    }),
  },
  { title: 'RefreshedSession', description: 'A session that goes on, with its new tokens.' },
)

const cookieValue = `${hostCookies.refresh}=${REFRESH_TOKEN}; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict`

/** For the document: the header of an answer that opens or carries on a session. */
export const sessionHeaders = {
  'Set-Cookie': {
    type: 'string',
    description:
      'In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the device is known from then on; it opens nothing. At `http://localhost`, outside production, both lack the prefix and `Secure`.',
    example: cookieValue,
  },
} as const

/** For the document: the session body in both transports. */
export const sessionExamples = {
  body: { summary: 'Body transport' },
  cookie: {
    summary: 'Cookie transport: the refresh token is in the cookie',
    omit: ['refresh_token'],
  },
} as const

/** For the document: the header of an answer that ends a session. */
export const endedHeaders = {
  'Set-Cookie': {
    type: 'string',
    description: 'Makes a browser drop the refresh cookie, where it has one.',
    example: `${hostCookies.refresh}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict`,
  },
} as const

/** What is known of a user; more than `UserView` shows. */
export type UserFacts = {
  id: string
  username: string
  email: string
  name: string | null
  role: string
  emailVerified: boolean
  createdAt: Date
}

/** An opened or refreshed session, as services return it. */
export type SessionFacts = {
  user: UserFacts
  session: { id: string; transport: string }
  accessToken: string
  refreshToken: string
  expiresIn: number
  refreshExpiresIn: number
  refreshAfter: number
  serverTime: Date
}

export function userView(user: UserFacts): Static<typeof UserView> {
  const { id, username, email, name, role, emailVerified, createdAt } = user
  return {
    id,
    username,
    email,
    name,
    role: role === 'admin' ? 'admin' : 'user',
    emailVerified,
    createdAt: createdAt.toISOString(),
  }
}

/**
 * The session body. In cookie transport the refresh token goes into the cookie and nowhere else, so
 * that no script can read it.
 */
export function answerSession(
  reply: FastifyReply,
  facts: SessionFacts,
  message: string,
  browsers: Browsers,
): Static<typeof SessionBody> {
  const inCookie = facts.session.transport === 'cookie'
  if (inCookie) setRefreshCookie(reply, browsers, facts.refreshToken, facts.refreshExpiresIn)
  return {
    access_token: facts.accessToken,
    token_type: 'Bearer',
    expires_in: facts.expiresIn,
    ...(inCookie ? {} : { refresh_token: facts.refreshToken }),
    refresh_expires_in: facts.refreshExpiresIn,
    refreshAfter: facts.refreshAfter,
    sessionId: facts.session.id,
    serverTime: facts.serverTime.toISOString(),
    user: userView(facts.user),
    message,
  }
}

function setRefreshCookie(
  reply: FastifyReply,
  { cookies: { refresh, attributes } }: Browsers,
  token: string,
  maxAge: number,
): void {
  reply.setCookie(refresh, token, { ...attributes, maxAge })
}

/** Makes the browser drop the refresh cookie; the attributes are those that it was set with. */
export function clearRefreshCookie(reply: FastifyReply, browsers: Browsers): void {
  setRefreshCookie(reply, browsers, '', 0)
}
