import { Type } from 'typebox'
import { oneOf, strictObject, text } from '../contract/schema.ts'
import { Email, Password, PersonName, Username } from '../contract/user.ts'

const MAX_DELAY_MS = 60_000
const MAX_WAIT_MS = 30_000
/** The last time that a Date can be (ECMA-262 21.4.1.1). */
const LAST_MS = 8.64e15

const id = text(64, { min: 1 })
const flag = Type.Optional(Type.Boolean())
const milliseconds = (maximum: number) => Type.Integer({ minimum: 0, maximum })
const match = {
  method: Type.Optional(text(16, { min: 1 })),
  path: Type.Optional(text(2048, { min: 1 })),
}

/** Options of WebAuthn, as far as an authenticator reads them. */
const loose = { additionalProperties: true }
const withId = Type.Object({ id: Type.Optional(Type.String()) }, loose)
const credentials = Type.Optional(Type.Array(Type.Object({ id: Type.String() }, loose)))
const passkeyOptions = Type.Object(
  {
    challenge: Type.Optional(Type.String()),
    rpId: Type.Optional(Type.String()),
    rp: Type.Optional(withId),
    user: Type.Optional(withId),
    ...{ allowCredentials: credentials, excludeCredentials: credentials },
  },
  loose,
)

/** What the control port takes: bodies, queries and parts of the path. */
export const controlSchemas = {
  person: {
    body: strictObject({
      username: Type.Optional(Username),
      email: Type.Optional(Email),
      name: Type.Optional(PersonName),
      password: Type.Optional(Password),
      role: Type.Optional(oneOf(['user', 'admin'])),
      ...{ emailVerified: flag, totp: flag, passkey: flag },
    }),
  },
  session: {
    body: strictObject({
      userId: id,
      transport: Type.Optional(oneOf(['body', 'cookie'])),
    }),
  },
  advance: { body: strictObject({ by: text(16, { min: 1 }) }) },
  mails: { querystring: strictObject({ to: Type.Optional(text(254)) }) },
  lastMail: {
    querystring: strictObject({
      to: text(254, { min: 1 }),
      after: Type.Optional(id),
      timeoutMs: Type.Optional(Type.Unsafe<string>({ type: 'string', pattern: '^\\d{1,5}$' })),
    }),
  },
  totp: {
    body: strictObject({
      secret: text(128, { min: 1 }),
      at: Type.Optional(milliseconds(LAST_MS)),
    }),
  },
  credential: {
    params: strictObject({ id }),
    body: passkeyOptions,
  },
  dropNextResponse: { body: strictObject(match) },
  delay: { body: strictObject({ milliseconds: milliseconds(MAX_DELAY_MS), ...match }) },
  ended: { params: strictObject({ id }) },
}

/** How long a request for a mail waits. */
export function waitOf(timeoutMs: string | undefined): number {
  return Math.min(Number(timeoutMs ?? 5000), MAX_WAIT_MS)
}
