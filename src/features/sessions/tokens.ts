import { randomUUID } from 'node:crypto'
import { createDecoder, createSigner, createVerifier } from 'fast-jwt'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Session } from '../../generated/sqlite/client.ts'
import { type Clock, epochSeconds } from '../../platform/clock.ts'
import { InvalidToken } from '../../platform/error-table.ts'
import { type MasterSecrets, newest } from '../../platform/master-secret.ts'
import type { SigningKey } from '../keys/service.ts'
import type { Owner } from './read-session.ts'

const REFRESH_TYPE = 'rt+jwt'
const REFRESH_ALGORITHM = 'HS256' as const
/** How far the clocks of two servers may differ before a token looks as if it came from the future. */
const CLOCK_LEEWAY_SECONDS = 10

/** A client refreshes when 80 to 90 % of the token's life is over: jitter spreads the clients out. */
const REFRESH_AFTER_SHARE = 0.8
const REFRESH_JITTER_SHARE = 0.1

const Id = Type.String({ pattern: '^[0-9a-f-]{36}$' })
const EpochSeconds = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const Generation = Type.Integer({ minimum: 1, maximum: 2_147_483_646 })

const AccessClaimsSchema = Type.Object({
  iss: Type.String(),
  aud: Type.String(),
  sub: Id,
  sid: Id,
  jti: Type.String(),
  iat: EpochSeconds,
  exp: EpochSeconds,
  /** Tokens from before this claim have none: they count as older than every generation. */
  gen: Type.Optional(Generation),
  auth_time: EpochSeconds,
  amr: Type.Array(Type.String()),
  role: Type.String(),
})
const RefreshClaimsSchema = Type.Object({
  iss: Type.String(),
  aud: Type.String(),
  sub: Id,
  sid: Id,
  gen: Generation,
  iat: EpochSeconds,
  exp: EpochSeconds,
})
const HeaderSchema = Type.Object(
  { alg: Type.String(), typ: Type.String(), kid: Type.String() },
  { additionalProperties: false },
)

export type AccessClaims = Static<typeof AccessClaimsSchema>
export type RefreshClaims = Static<typeof RefreshClaimsSchema>

const accessClaims = Compile(AccessClaimsSchema)
const refreshClaims = Compile(RefreshClaimsSchema)
const tokenHeader = Compile(HeaderSchema)
const decode = createDecoder({ complete: true })

/** A session as it is handed to its client. */
export type OpenedSession = {
  user: Owner
  session: Session
  accessToken: string
  refreshToken: string
  /** Whole seconds from `serverTime`, as are the next two. */
  expiresIn: number
  refreshExpiresIn: number
  refreshAfter: number
  serverTime: Date
}

export type Tokens = ReturnType<typeof createTokens>
type Needs = {
  clock: Clock
  secrets: MasterSecrets
  signingKey: () => SigningKey
  issuer: string
  accessSeconds: number
}

/**
 * Issues both kinds of token and reads refresh tokens. The kinds differ in type, algorithm, key and
 * audience, so that neither is ever taken for the other (RFC 8725bis).
 */
export function createTokens({ clock, secrets, signingKey, issuer, accessSeconds }: Needs) {
  const refreshHeader = { alg: REFRESH_ALGORITHM, typ: REFRESH_TYPE }
  const refreshAudience = `${issuer}/refresh`
  const refreshKeys = secrets.deriveKeys('latchkey refresh tokens').map(({ id, key }) => ({
    id,
    sign: createSigner({ key, algorithm: REFRESH_ALGORITHM, kid: id, header: refreshHeader }),
    verify: createVerifier({
      key,
      algorithms: [REFRESH_ALGORITHM],
      allowedIss: issuer,
      allowedAud: refreshAudience,
      requiredClaims: ['iss', 'aud', 'sub', 'sid', 'gen', 'iat', 'exp'],
      checkTyp: REFRESH_TYPE,
      ignoreExpiration: true,
      cache: false,
    }),
  }))

  /**
   * A new access token (RFC 9068). It ends with its session at the latest.
   * @param lifetimeSeconds 1 to the configured lifetime: a longer one would outlive what the servers
   *   remember of ended sessions
   * @throws RangeError for another lifetime
   */
  function issueAccessToken(
    user: Pick<Owner, 'id' | 'role'>,
    session: Session,
    lifetimeSeconds: number = accessSeconds,
  ): { token: string; expiresIn: number } {
    if (!(lifetimeSeconds >= 1 && lifetimeSeconds <= accessSeconds)) {
      throw new RangeError(`An access token lives 1 to ${accessSeconds} seconds`)
    }
    const iat = epochSeconds(clock())
    // In the last second of a session its token still lives one second, not none.
    const end = Math.max(epochSeconds(session.endsAt.getTime()), iat + 1)
    const exp = Math.min(iat + Math.floor(lifetimeSeconds), end)
    const claims: AccessClaims = {
      iss: issuer,
      aud: issuer,
      sub: user.id,
      sid: session.id,
      gen: session.generation,
      jti: randomUUID(),
      iat,
      exp,
      auth_time: epochSeconds(session.authTime.getTime()),
      amr: session.amr.split(' '),
      role: user.role,
    }
    return { token: signingKey().sign(claims), expiresIn: exp - iat }
  }

  /**
   * The refresh token of a session's current generation. It is a pure function of the row, so a
   * replay builds the same token again and nothing of it is stored.
   */
  function refreshTokenOf(userId: string, session: Session): string {
    const claims: RefreshClaims = {
      iss: issuer,
      aud: refreshAudience,
      sub: userId,
      sid: session.id,
      gen: session.generation,
      iat: epochSeconds(session.rotatedAt.getTime()),
      exp: epochSeconds(session.expiresAt.getTime()),
    }
    return newest(refreshKeys).sign(claims)
  }

  /** Both tokens of a session's current generation, with what a client needs to keep them fresh. */
  function handOut(user: Owner, session: Session, now: Date): OpenedSession {
    const { token, expiresIn } = issueAccessToken(user, session)
    const share = REFRESH_AFTER_SHARE + Math.random() * REFRESH_JITTER_SHARE
    return {
      user,
      session,
      accessToken: token,
      refreshToken: refreshTokenOf(user.id, session),
      expiresIn,
      refreshExpiresIn: secondsBetween(now, session.expiresAt),
      refreshAfter: Math.floor(expiresIn * share),
      serverTime: now,
    }
  }

  /**
   * The claims of a genuine refresh token, whether or not its time is over: the session's row decides.
   * @throws InvalidToken for everything else
   */
  function readRefreshToken(token: string): RefreshClaims {
    try {
      const header: unknown = decode(token).header
      if (!tokenHeader.Check(header)) throw InvalidToken()
      const claims: unknown = refreshKeys.find((key) => key.id === header.kid)?.verify(token)
      if (!refreshClaims.Check(claims)) throw InvalidToken()
      return claims
    } catch (cause) {
      throw InvalidToken({ cause })
    }
  }

  /** The same for where a bad token is none: what is not genuine names nothing. */
  function namedByRefreshToken(token: string | undefined): RefreshClaims | undefined {
    try {
      return token === undefined ? undefined : readRefreshToken(token)
    } catch {
      return undefined
    }
  }

  return { issueAccessToken, handOut, readRefreshToken, namedByRefreshToken }
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000))
}

/** Whether the header says no more than our own tokens do: no `crit`, no `jku`, no `jwk`. */
export function isPlainHeader(header: unknown): header is Static<typeof HeaderSchema> {
  return tokenHeader.Check(header)
}

/**
 * The claims of an access token whose signature, issuer and audience are verified.
 * @throws InvalidToken when a claim is missing, of the wrong type, or from the future
 */
export function readAccessClaims(payload: unknown, now: number): AccessClaims {
  if (!accessClaims.Check(payload)) throw InvalidToken()
  if (payload.iat > epochSeconds(now) + CLOCK_LEEWAY_SECONDS) throw InvalidToken()
  return payload
}
