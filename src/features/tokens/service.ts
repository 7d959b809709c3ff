import { randomUUID } from 'node:crypto'
import { createDecoder, createVerifier } from 'fast-jwt'
import { acrOf } from '../../contract/authentication.ts'
import { InvalidToken } from '../../contract/errors.ts'
import type { IssuedSession } from '../../contract/issued-session.ts'
import type { Transport } from '../../contract/session.ts'
import type { SessionUser } from '../../contract/user.ts'
import type { Session as SessionRow } from '../../generated/sqlite/client.ts'
import { type Clock, epochSeconds } from '../../platform/clock.ts'
import { hs256Signer } from '../../platform/crypto/jwt-signers.ts'
import { currentKey, type MasterSecrets } from '../../platform/crypto/master-secret.ts'
import type { SessionId } from '../../platform/ids.ts'
import type { SigningKey } from '../keys/stored-key.ts'
import {
  type AccessClaims,
  CLIENT_ID,
  isPlainHeader,
  isRefreshClaims,
  type RefreshClaims,
} from './claims.ts'

const REFRESH_TYPE = 'rt+jwt'

/** A client refreshes after 80 to 90 % of the lifetime; jitter spreads the refreshes. */
const REFRESH_AFTER_SHARE = 0.8
const REFRESH_JITTER_SHARE = 0.1

const decode = createDecoder({ complete: true })

export type TokenSession = { id: SessionId; transport: Transport } & Pick<
  SessionRow,
  'generation' | 'rotatedAt' | 'expiresAt' | 'endsAt' | 'authTime' | 'amr'
>

export type Tokens = ReturnType<typeof createTokens>
type Dependencies = {
  clock: Clock
  secrets: MasterSecrets
  signingKey: () => SigningKey
  issuer: string
  accessSeconds: number
}

/**
 * Issues both kinds of token and reads refresh tokens. Type, algorithm, key and audience differ, so
 * that neither is accepted as the other (RFC 8725bis).
 */
export function createTokens(dependencies: Dependencies) {
  const { clock, secrets, signingKey, issuer, accessSeconds } = dependencies
  const refreshAudience = `${issuer}/refresh`
  const refreshKeys = createRefreshKeys(secrets, issuer, refreshAudience)

  /**
   * Issues an access token (RFC 9068), which expires with its session at the latest.
   * @param lifetimeSeconds at most the configured lifetime, since `revocations` forgets later
   * @throws RangeError for another lifetime
   */
  function issueAccessToken(
    user: Pick<SessionUser, 'id' | 'role'>,
    session: TokenSession,
    lifetimeSeconds: number = accessSeconds,
  ): { token: string; expiresIn: number } {
    if (!(lifetimeSeconds >= 1 && lifetimeSeconds <= accessSeconds)) {
      throw new RangeError(`An access token lives 1 to ${accessSeconds} seconds`)
    }
    const iat = epochSeconds(clock())
    // In the last second of a session its token still lives one second.
    const end = Math.max(epochSeconds(session.endsAt.getTime()), iat + 1)
    const exp = Math.min(iat + Math.floor(lifetimeSeconds), end)
    const amr = session.amr.split(' ')
    const claims: AccessClaims = {
      iss: issuer,
      aud: issuer,
      client_id: CLIENT_ID,
      sub: user.id,
      sid: session.id,
      gen: session.generation,
      jti: randomUUID(),
      iat,
      exp,
      auth_time: epochSeconds(session.authTime.getTime()),
      amr,
      acr: acrOf(amr),
      role: user.role,
    }
    return { token: signingKey().sign(claims), expiresIn: exp - iat }
  }

  /**
   * Refresh token of the current generation. It depends on the row alone: a replay builds the same
   * token again, and none is stored.
   */
  function refreshTokenOf({ id: sub }: SessionUser, session: TokenSession): string {
    const claims: RefreshClaims = {
      iss: issuer,
      aud: refreshAudience,
      sub,
      sid: session.id,
      gen: session.generation,
      iat: epochSeconds(session.rotatedAt.getTime()),
      exp: epochSeconds(session.expiresAt.getTime()),
    }
    return currentKey(refreshKeys).sign(claims)
  }

  /** Both tokens of the current generation, and when to refresh them. */
  function issueTokens(user: SessionUser, session: TokenSession, now: Date): IssuedSession {
    const { token, expiresIn } = issueAccessToken(user, session)
    const share = REFRESH_AFTER_SHARE + Math.random() * REFRESH_JITTER_SHARE
    return {
      user,
      session,
      accessToken: token,
      refreshToken: refreshTokenOf(user, session),
      expiresIn,
      refreshExpiresIn: secondsBetween(now, session.expiresAt),
      refreshAfter: Math.floor(expiresIn * share),
      serverTime: now,
    }
  }

  /** Claims of a genuine refresh token, expired or not. @throws InvalidToken */
  function readRefreshToken(token: string): RefreshClaims {
    const claims = tryRefreshToken(token)
    if (!claims) throw InvalidToken()
    return claims
  }

  /** Like `readRefreshToken`, but undefined for every other token. */
  function tryRefreshToken(token: string): RefreshClaims | undefined {
    for (const { id, verify } of refreshKeys) {
      const verified = verify(token)
      if (!verified) continue
      const { header, payload } = verified
      const isOurs = isPlainHeader(header) && header.kid === id && isRefreshClaims(payload)
      return isOurs ? payload : undefined
    }
    return undefined
  }

  /** Whether a token claims, unverified, to be a refresh token. */
  function looksLikeRefreshToken(token: string): boolean {
    try {
      return decode(token).header.typ === REFRESH_TYPE
    } catch {
      return false
    }
  }

  return {
    ...{ issueAccessToken, issueTokens },
    ...{ readRefreshToken, tryRefreshToken, looksLikeRefreshToken },
  }
}

/** Keys of refresh tokens, the current one first. */
function createRefreshKeys(secrets: MasterSecrets, issuer: string, audience: string) {
  return secrets.deriveKeys('latchkey refresh tokens').map(({ id, key }) => {
    const verify = createVerifier({
      key,
      algorithms: ['HS256'],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['iss', 'aud', 'sub', 'sid', 'gen', 'iat', 'exp'],
      checkTyp: REFRESH_TYPE,
      complete: true,
      ignoreExpiration: true,
      cache: false,
    })
    return {
      id,
      sign: hs256Signer(key, { typ: REFRESH_TYPE, kid: id }),
      /** @returns undefined for another key or another kind of token */
      verify(token: string): { header: unknown; payload: unknown } | undefined {
        try {
          return verify(token)
        } catch {
          return undefined
        }
      },
    }
  })
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000))
}
