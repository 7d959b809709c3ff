import { Type } from 'typebox'
import {
  closed,
  Id,
  IdempotencyKey,
  IdParams,
  nullable,
  oneOf,
  Password,
  problems,
  signedInOnly,
  signedInProblems,
  Timestamp,
  text,
} from '../../http/schemas.ts'
import { RefreshedSessionBody, SessionBody } from '../../http/session-answer.ts'

const TransportName = oneOf(['body', 'cookie'])

const SignIn = closed({
  username: text(254, {
    min: 1,
    description: 'The username, or the e-mail address.',
    example: 'lyshark',
  }),
  password: Password,
  transport: Type.Optional(TransportName),
})

/** A body that may hold a refresh token; its routes take no body at all, too. */
const RefreshTokenBody = closed({
  refresh_token: Type.Optional(
    Type.String({ maxLength: 4096, description: 'The refresh token, in body transport.' }),
  ),
})

const RefreshHeaders = Type.Object({
  'idempotency-key': IdempotencyKey(
    'Names this refresh: repeating it with the same key gives the same new token.',
  ),
})

const SignedOut = closed({ message: Type.String() })

const Verification = closed({
  sub: Id,
  sid: Id,
  role: Type.String(),
  authTime: Timestamp,
  amr: Type.Array(Type.String()),
  expiresAt: Timestamp,
})

const SessionView = closed({
  id: Id,
  current: Type.Boolean(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp,
  expiresAt: Timestamp,
  ip: nullable(Type.String()),
  userAgent: nullable(Type.String()),
  transport: TransportName,
})

const SessionList = closed({ items: Type.Array(SessionView, { maxItems: 100 }) })

const EndedCount = closed({
  ended: Type.Integer({ minimum: 0, description: 'How many sessions ended.' }),
})

export const verifyTokenSchema = {
  operationId: 'verifyToken',
  summary: 'Check an access token, for gateways and other services',
  description: 'Answers from the token alone, without a database read.',
  tags: ['Sessions'],
  security: signedInOnly,
  response: { 200: Verification, ...problems(...signedInProblems) },
}

export const listSessionsSchema = {
  operationId: 'listSessions',
  summary: 'List your live sessions, last used first',
  tags: ['Sessions'],
  security: signedInOnly,
  response: { 200: SessionList, ...problems(...signedInProblems) },
}

export const revokeSessionSchema = {
  operationId: 'revokeSession',
  summary: 'End one of your sessions',
  tags: ['Sessions'],
  security: signedInOnly,
  params: IdParams,
  response: {
    204: { description: 'The session is over', type: 'null' },
    ...problems(...signedInProblems, 'not_found'),
  },
}

export const revokeOtherSessionsSchema = {
  operationId: 'revokeOtherSessions',
  summary: 'End all your sessions but this one',
  tags: ['Sessions'],
  security: signedInOnly,
  response: { 200: EndedCount, ...problems(...signedInProblems) },
}

export const loginSchema = {
  operationId: 'login',
  summary: 'Sign in with a username or an e-mail address',
  tags: ['Sessions'],
  consumes: ['application/json', 'application/x-www-form-urlencoded'],
  body: SignIn,
  response: {
    200: SessionBody,
    ...problems('validation_failed', 'invalid_credentials', 'csrf_rejected', 'overloaded'),
  },
}

export const refreshSchema = {
  operationId: 'refresh',
  summary: 'Trade a refresh token for new tokens',
  description:
    'The token comes in the body, as Authorization: Bearer, or in the cookie. Repeating a refresh within the grace window, or with the same Idempotency-Key, gives the same new token again.',
  tags: ['Sessions'],
  security: [{ bearer: [] }, { cookie: [] }, {}],
  body: RefreshTokenBody,
  headers: RefreshHeaders,
  response: {
    200: RefreshedSessionBody,
    ...problems(
      'validation_failed',
      'unauthenticated',
      'invalid_token',
      'session_ended',
      'csrf_rejected',
    ),
  },
}

export const logoutSchema = {
  operationId: 'logout',
  summary: 'End the session',
  description:
    'Takes an access token, or a refresh token in any of its places, over or not. Without one there is nothing to end, which is fine too.',
  tags: ['Sessions'],
  security: [{ bearer: [] }, { cookie: [] }, {}],
  body: RefreshTokenBody,
  response: { 200: SignedOut, ...problems('validation_failed', 'csrf_rejected') },
}
