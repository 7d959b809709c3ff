import type {} from '@fastify/cookie'
import type { FastifyReply } from 'fastify'
import { type Static, Type } from 'typebox'
import { HOST_COOKIE, REFRESH_COOKIE } from './credentials.ts'
import { closed, Email, Id, nullable, oneOf, Timestamp, Username } from './schemas.ts'

/** What an account shows to its owner. */
export const UserView = closed({
  id: Id,
  username: Username,
  email: Email,
  name: nullable(Type.String()),
  role: oneOf(['user', 'admin']),
  emailVerified: Type.Boolean(),
  createdAt: Timestamp,
})

const Seconds = Type.Integer({ minimum: 0 })

const sessionFields = {
  access_token: Type.String({ description: 'A JWT (RFC 9068): send it as Authorization: Bearer.' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ minimum: 0, description: 'Seconds until the access token is over.' }),
  refresh_token: Type.Optional(
    Type.String({ description: 'Only in body transport; keep it secret.' }),
  ),
  refresh_expires_in: Seconds,
  refreshAfter: Type.Integer({
    minimum: 0,
    description: 'Seconds until a client had best refresh.',
  }),
  sessionId: Id,
  serverTime: Timestamp,
  user: UserView,
  message: Type.String({ description: 'For people, not for programs.' }),
}

/** The answer to everything that opens or carries on a session. */
export const SessionBody = Type.Object(sessionFields, { additionalProperties: false })

export const RefreshedSessionBody = closed({
  ...sessionFields,
  refreshed: oneOf(['rotated', 'replayed']),
})

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
): Static<typeof SessionBody> {
  const inCookie = facts.session.transport === 'cookie'
  if (inCookie) setRefreshCookie(reply, facts.refreshToken, facts.refreshExpiresIn)
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

function setRefreshCookie(reply: FastifyReply, token: string, maxAge: number): void {
  reply.setCookie(REFRESH_COOKIE, token, { ...HOST_COOKIE, maxAge })
}

/** Makes the browser drop the refresh cookie; the attributes are those that it was set with. */
export function clearRefreshCookie(reply: FastifyReply): void {
  reply.setCookie(REFRESH_COOKIE, '', { ...HOST_COOKIE, maxAge: 0 })
}

/**
 * Makes the browser forget what scripts stored for this origin (ASVS 5.0 14.3.1). Without `"cookies"`:
 * that would take those of all hosts of the domain, other applications' among them, and the one by which
 * a device stays known. Without `"cache"`: Chromium looks through the files of all sites for it, which
 * takes seconds on a used computer, and nothing of ours but photos is in there.
 */
export function clearSiteData(reply: FastifyReply): void {
  reply.header('clear-site-data', '"storage"')
}
