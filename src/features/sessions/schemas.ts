import { type Static, Type } from 'typebox'
import { closed, Id, nullable, oneOf, Password, Timestamp, text } from '../../http/schemas.ts'

export const TransportName = oneOf(['body', 'cookie'])

export const SignIn = closed({
  username: text(254, { min: 1, description: 'The username, or the e-mail address.' }),
  password: Password,
  transport: Type.Optional(TransportName),
})
export type SignIn = Static<typeof SignIn>

/** A body that may hold a refresh token; its routes take no body at all, too. */
export const RefreshTokenBody = closed({
  refresh_token: Type.Optional(
    Type.String({ maxLength: 4096, description: 'The refresh token, in body transport.' }),
  ),
})

export const RefreshHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'Names this refresh: repeating it with the same key gives the same new token.',
    }),
  ),
})

export const SignedOut = closed({ message: Type.String() })

export const Verification = closed({
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

export const SessionList = closed({ items: Type.Array(SessionView, { maxItems: 100 }) })

export const EndedCount = closed({
  ended: Type.Integer({ minimum: 0, description: 'How many sessions ended.' }),
})
