import fastifyJwt from '@fastify/jwt'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { bearerToken } from '../../http/credentials.ts'
import type { App } from '../../http/server.ts'
import { type Clock, epochSeconds } from '../../platform/clock.ts'
import {
  InvalidToken,
  SessionEnded,
  TokenExpired,
  Unauthenticated,
} from '../../platform/error-table.ts'
import type { Revocations } from './revocations.ts'
import { type AccessClaims, isPlainHeader, readAccessClaims } from './tokens.ts'

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: AccessClaims
    user: AccessClaims
  }
}

/** How many verified tokens are remembered: a signature costs more than the rest of a request. */
const CACHE_SIZE = 10_000

type Verified = { claims: AccessClaims; kid: string }

export type Guard = ReturnType<typeof createGuard>
type Needs = {
  clock: Clock
  revocations: Revocations
  publicPem: (kid: string) => string | undefined
  issuer: string
  accessSeconds: number
}

/** Decides who makes a request, from the access token and from memory alone. */
export function createGuard({ clock, revocations, publicPem, issuer, accessSeconds }: Needs) {
  // By the whole Authorization header as most clients write it, which is not taken apart again.
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
        // Times are checked below, at every request and by the server's own clock.
        ignoreExpiration: true,
        cache: false,
        extractToken: (request) => bearerToken(request as FastifyRequest),
      },
    })
  }

  async function keyOf(_request: FastifyRequest, token: unknown): Promise<string> {
    const { header } = token as { header: unknown }
    const pem = isPlainHeader(header) ? publicPem(header.kid) : undefined
    if (pem === undefined) throw InvalidToken()
    return pem
  }

  /** Sets `request.user`, or refuses with a 401; at once where the token is known. */
  const signedIn: onRequestHookHandler = (request, _reply, done) => {
    const known = recall(request)
    if (known) {
      admit(request, known)
      return done()
    }
    if (bearerToken(request) === undefined) throw Unauthenticated()
    verify(request)
      .then((claims) => admit(request, claims))
      .then(() => done(), done)
  }

  function admit(request: FastifyRequest, claims: AccessClaims): void {
    if (revocations.isEnded(claims.sid)) throw SessionEnded()
    const now = epochSeconds(clock())
    // A token from before the lifetime was shortened may outlive what is remembered of sessions.
    if (now >= Math.min(claims.exp, claims.iat + accessSeconds)) throw TokenExpired()
    if (revocations.hasOtherRole(claims.sub, claims.role)) throw TokenExpired()
    request.user = claims
  }

  /**
   * Refuses a request whose session ended, or whose user got another role, while its body was on the
   * way. That the token ran out meanwhile is no reason: it was good when the request began.
   */
  function stillSignedIn({ user }: FastifyRequest): void {
    if (revocations.isEnded(user.sid)) throw SessionEnded()
    if (revocations.hasOtherRole(user.sub, user.role)) throw TokenExpired()
  }

  /** Lets only signed-in users reach the routes of this scope; their handlers read `request.user`. */
  function protect(app: App): void {
    app.addHook('onRequest', signedIn)
    app.addHook('preHandler', (request, _reply, done) => {
      stillSignedIn(request)
      done()
    })
  }

  /**
   * The claims of the request's genuine access token, over or not; undefined without a credential.
   * @throws InvalidToken for every token that is not one: all of them look the same from outside
   */
  async function readAccessToken(request: FastifyRequest): Promise<AccessClaims | undefined> {
    const known = recall(request)
    if (known) return known
    return bearerToken(request) === undefined ? undefined : await verify(request)
  }

  /** The claims of a token that was verified before, as long as its key is there. */
  function recall(request: FastifyRequest): AccessClaims | undefined {
    const known = verified.get(request.headers.authorization) ?? verified.get(plainHeader(request))
    return known && publicPem(known.kid) !== undefined ? known.claims : undefined
  }

  async function verify(request: FastifyRequest): Promise<AccessClaims> {
    try {
      const { header, payload } = await request.jwtVerify<{ header: Header; payload: unknown }>()
      const claims = deepFreeze(readAccessClaims(payload, clock()))
      remember(plainHeader(request), { claims, kid: header.kid })
      return claims
    } catch (cause) {
      throw InvalidToken({ cause })
    }
  }

  function remember(credential: string | undefined, entry: Verified): void {
    const [oldest] = verified.size >= CACHE_SIZE ? verified.keys() : []
    if (oldest !== undefined) verified.delete(oldest)
    verified.set(credential, entry)
  }

  return { install, protect, stillSignedIn, readAccessToken }
}

type Header = { kid: string }

/** The Authorization header with one space, so that other spellings of it take no room of their own. */
function plainHeader(request: FastifyRequest): string | undefined {
  const token = bearerToken(request)
  return token === undefined ? undefined : `Bearer ${token}`
}

/** Every request with the same token shares the claims, so nobody may change them. */
function deepFreeze(claims: AccessClaims): AccessClaims {
  Object.freeze(claims.amr)
  return Object.freeze(claims)
}
