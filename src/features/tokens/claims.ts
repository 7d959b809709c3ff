import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Acr } from '../../contract/authentication.ts'
import { InvalidToken } from '../../contract/errors.ts'
import { epochSeconds } from '../../platform/clock.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'

/** Fixed name of the only client of all tokens (RFC 9068 2.2); no client registers. */
export const CLIENT_ID = 'latchkey'
/** Allowed clock difference between two servers. */
const CLOCK_LEEWAY_SECONDS = 10

const ID_PATTERN = { pattern: '^[0-9a-f-]{36}$' }
const EpochSeconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Generation = Type.Integer({ minimum: 1, maximum: 2_147_483_646 })

const sharedClaims = {
  iss: Type.String(),
  aud: Type.String(),
  sub: Type.Unsafe<UserId>(Type.String(ID_PATTERN)),
  sid: Type.Unsafe<SessionId>(Type.String(ID_PATTERN)),
  iat: EpochSeconds,
  exp: EpochSeconds,
}
const SentAccessClaims = Type.Object({
  ...sharedClaims,
  // Tokens of older servers have none.
  client_id: Type.Optional(Type.Literal(CLIENT_ID)),
  jti: Type.String(),
  /** Tokens of older servers have none: they are older than every generation. */
  gen: Type.Optional(Generation),
  auth_time: EpochSeconds,
  amr: Type.Array(Type.String()),
  /** Tokens of older servers have none: nobody had two factors. */
  acr: Type.Optional(Type.Enum(['aal1', 'aal2'])),
  role: Type.String(),
})
export type AccessClaims = Static<typeof SentAccessClaims> & { acr: Acr }

const RefreshClaims = Type.Object({ ...sharedClaims, gen: Generation })
export type RefreshClaims = Static<typeof RefreshClaims>

const TokenHeader = Type.Object(
  { alg: Type.String(), typ: Type.String(), kid: Type.String() },
  { additionalProperties: false },
)
export type TokenHeader = Static<typeof TokenHeader>

const accessClaims = Compile(SentAccessClaims)
const refreshClaims = Compile(RefreshClaims)
const tokenHeader = Compile(TokenHeader)

/** Whether the header has only the fields of our tokens: no `crit`, no `jku`, no `jwk`. */
export function isPlainHeader(header: unknown): header is TokenHeader {
  return tokenHeader.Check(header)
}

/** Whether a verified payload has all claims. */
export function isRefreshClaims(payload: unknown): payload is RefreshClaims {
  return refreshClaims.Check(payload)
}

/**
 * Reads the claims of a verified access token.
 * @throws InvalidToken if a claim is missing, has the wrong type, or is from the future
 */
export function readAccessClaims(payload: unknown, now: number): AccessClaims {
  if (!accessClaims.Check(payload)) throw InvalidToken()
  if (payload.iat > epochSeconds(now) + CLOCK_LEEWAY_SECONDS) throw InvalidToken()
  return { acr: 'aal1', ...payload }
}
