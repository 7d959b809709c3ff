import fastifyJwt from '@fastify/jwt'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { InvalidToken, SessionEnded, TokenExpired } from '../../contract/errors.ts'
import { bearerToken } from '../../http/bearer.ts'
import type { Clock } from '../../platform/clock.ts'
import { isUnavailable } from '../../platform/database/database.ts'
import type { RetiredKey } from '../keys/stored-key.ts'
import { type AccessClaims, isPlainHeader, readAccessClaims, type TokenHeader } from './claims.ts'

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: AccessClaims
    user: AccessClaims
  }
}

/**
 * How many verified tokens are remembered: a signature costs more than the rest of a request. With
 * more of them, what comes and goes leaves more gaps in the old generation of V8.
 */
const CACHE_SIZE = 2000
/** The end of a header, of a signature: no two tokens share it, and it is hashed sooner. */
const KEY_LENGTH = 32

export type Verified = {
  /** The whole Authorization header as most clients write it, which is not parsed again. */
  header: string
  claims: AccessClaims
  kid: string
  /** From then on its next use shows that its client has kept the response that it came with. */
  seenFrom: number
}

export type AccessTokenDependencies = {
  clock: Clock
  publicPem: (kid: string) => string | undefined
  /** Reads a key that another server has just made. */
  lookFor: (kid: string) => Promise<void>
  retiredKey: (kid: string) => RetiredKey | undefined
  issuer: string
  graceSeconds: number
  /** How many verified tokens are remembered. */
  cacheSize?: number
}

/** Tells which access tokens are genuine, expired or not, and remembers those that it verified. */
export function createAccessTokens(dependencies: AccessTokenDependencies) {
  const { clock, publicPem, lookFor, retiredKey, issuer, graceSeconds } = dependencies
  const { cacheSize = CACHE_SIZE } = dependencies
  const verified = new Map<string | undefined, Verified>()

  /** Registers @fastify/jwt, which checks signature, algorithm, type, issuer and audience. */
  async function install(app: FastifyInstance): Promise<void> {
    await app.register(fastifyJwt, {
      secret: { public: keyOf },
      decode: { complete: true },
      verify: {
        algorithms: ['ES256'],
        allowedIss: issuer,
        allowedAud: issuer,
        requiredClaims: ['iss', 'aud', 'sub', 'sid', 'iat', 'exp'],
        checkTyp: 'at+jwt',
        complete: true,
        // The guard checks times, at every request and by the server's own clock.
        ignoreExpiration: true,
        cache: false,
        extractToken: (request) => bearerToken(request as FastifyRequest),
      },
    })
  }

  async function keyOf(_request: FastifyRequest, token: unknown): Promise<string> {
    const { header } = token as { header: unknown }
    const kid = isPlainHeader(header) ? header.kid : ''
    const pem = knownPem(kid) ?? (await lookFor(kid).then(() => knownPem(kid)))
    if (pem === undefined) throw InvalidToken()
    return pem
  }

  function knownPem(kid: string): string | undefined {
    return publicPem(kid) ?? retiredKey(kid)?.publicPem
  }

  /** A token that was verified before, as long as its key is there. */
  function recall(header: string | undefined): Verified | undefined {
    const known = verified.get(header?.slice(-KEY_LENGTH))
    if (known === undefined || known.header !== header) return undefined
    return publicPem(known.kid) === undefined ? undefined : known
  }

  /** @returns undefined without a token; a promise for one that is not known */
  function recallOrVerify(request: FastifyRequest): Verified | Promise<Verified> | undefined {
    const token = bearerToken(request)
    if (token === undefined) return undefined
    // With one space, so that other spellings of the header take no room of their own.
    const header = `Bearer ${token}`
    return recall(header) ?? verify(request, header)
  }

  async function verify(request: FastifyRequest, header: string): Promise<Verified> {
    const fresh = await readGenuine(request, header)
    requireTrusted(fresh.kid)
    remember(fresh)
    return fresh
  }

  /**
   * Refuses a token of a retired key. A thief of that key gains nothing, and an honest client
   * learns what to do.
   */
  function requireTrusted(kid: string): void {
    const retired = retiredKey(kid)
    if (retired) throw retired.refusal === 'session_ended' ? SessionEnded() : TokenExpired()
  }

  async function readGenuine(request: FastifyRequest, header: string): Promise<Verified> {
    try {
      const token = await request.jwtVerify<{ header: TokenHeader; payload: unknown }>()
      const { kid } = token.header
      const claims = deepFreeze(readAccessClaims(token.payload, clock()))
      return { header, claims, kid, seenFrom: seenFrom(claims, graceSeconds) }
    } catch (cause) {
      if (isUnavailable(cause)) throw cause
      throw InvalidToken({ cause })
    }
  }

  function remember(entry: Verified): void {
    const key = entry.header.slice(-KEY_LENGTH)
    const [oldest] = verified.size >= cacheSize && !verified.has(key) ? verified.keys() : []
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(key, entry)
  }

  return { install, recall, recallOrVerify }
}

/** Every request with the same token shares the claims, so nobody may change them. */
function deepFreeze(claims: AccessClaims): AccessClaims {
  Object.freeze(claims.amr)
  return Object.freeze(claims)
}

/**
 * When a use shows that the client has kept the response: after the window, since a rendering
 * server uses a token at once and may be unable to pass on the refresh token. `iat` is a whole
 * second. The first generation has no predecessor to forgive.
 */
function seenFrom({ iat, gen = 0 }: AccessClaims, graceSeconds: number): number {
  return gen > 1 ? (iat + 1 + graceSeconds) * 1000 : Number.POSITIVE_INFINITY
}
