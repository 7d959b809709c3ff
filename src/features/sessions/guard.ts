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
import { NO_GENERATION, type Revocations } from './revocations.ts'
import type { SeenTokens } from './seen-tokens.ts'
import { type AccessClaims, isPlainHeader, readAccessClaims } from './tokens.ts'

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: AccessClaims
    user: AccessClaims
  }
}

/** How many verified tokens are remembered: a signature costs more than the rest of a request. */
const CACHE_SIZE = 10_000

type Verified = {
  claims: AccessClaims
  kid: string
  /** From then on its next use shows that its client kept the answer that it came with. */
  seenFrom: number
}

export type Guard = ReturnType<typeof createGuard>
type Needs = {
  clock: Clock
  revocations: Revocations
  publicPem: (kid: string) => string | undefined
  issuer: string
  accessSeconds: number
  graceSeconds: number
  seen: Pick<SeenTokens, 'note'>
}

/** Decides who makes a request, from the access token and from memory alone. */
export function createGuard(needs: Needs) {
  const { clock, revocations, publicPem, issuer, accessSeconds, graceSeconds, seen } = needs
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
      .then((known) => admit(request, known))
      .then(() => done(), done)
  }

  function admit(request: FastifyRequest, known: Verified): void {
    const { claims } = known
    const now = clock()
    if (now >= known.seenFrom) noteSeen(known)
    requireLiving(claims)
    // A token from before the lifetime was shortened may outlive what is remembered of sessions.
    if (epochSeconds(now) >= Math.min(claims.exp, claims.iat + accessSeconds)) throw TokenExpired()
    request.user = claims
  }

  /** Refuses a token whose session ended or was renewed, or whose user has another role. */
  function requireLiving({ sid, gen = 0, sub, role }: AccessClaims): void {
    const lowestLiving = revocations.lowestLivingOf(sid)
    if (gen < lowestLiving) {
      throw lowestLiving === NO_GENERATION ? SessionEnded() : TokenExpired()
    }
    if (revocations.hasOtherRole(sub, role)) throw TokenExpired()
  }

  /** Once is enough for each token. */
  function noteSeen(known: Verified): void {
    known.seenFrom = Number.POSITIVE_INFINITY
    const { sid, gen = 0 } = known.claims
    seen.note(sid, gen)
  }

  /**
   * Refuses a request whose session ended or was renewed, or whose user got another role, while its
   * body was on the way. A token that expired meanwhile was good when the request began.
   */
  function stillSignedIn({ user }: FastifyRequest): void {
    requireLiving(user)
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
   * The claims of the request's genuine access token, expired or not; undefined without a credential.
   * @throws InvalidToken for every token that is not one: all of them look the same from outside
   */
  async function readAccessToken(request: FastifyRequest): Promise<AccessClaims | undefined> {
    const known = recall(request)
    if (known) return known.claims
    return bearerToken(request) === undefined ? undefined : (await verify(request)).claims
  }

  /** A token that was verified before, as long as its key is there. */
  function recall(request: FastifyRequest): Verified | undefined {
    const known = verified.get(request.headers.authorization) ?? verified.get(plainHeader(request))
    return known && publicPem(known.kid) !== undefined ? known : undefined
  }

  async function verify(request: FastifyRequest): Promise<Verified> {
    try {
      const { header, payload } = await request.jwtVerify<{ header: Header; payload: unknown }>()
      const claims = deepFreeze(readAccessClaims(payload, clock()))
      const known = { claims, kid: header.kid, seenFrom: seenFrom(claims) }
      remember(plainHeader(request), known)
      return known
    } catch (cause) {
      throw InvalidToken({ cause })
    }
  }

  /**
   * A rendering server uses a token at once, and may be unable to hand on what it came with: until the
   * window has passed, a use shows nothing. `iat` is a whole second. No predecessor of a session's first
   * generation could be forgiven.
   */
  function seenFrom({ iat, gen = 0 }: AccessClaims): number {
    return gen > 1 ? (iat + 1 + graceSeconds) * 1000 : Number.POSITIVE_INFINITY
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
