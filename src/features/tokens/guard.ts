import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { SessionEnded, TokenExpired, Unauthenticated } from '../../contract/errors.ts'
import type { App } from '../../http/app.ts'
import { epochSeconds } from '../../platform/clock.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import { type AccessTokenDependencies, createAccessTokens, type Verified } from './access-tokens.ts'
import type { AccessClaims } from './claims.ts'
import { NO_GENERATION, type Revocations } from './revocations.ts'

/** Hears that a token of this generation came back. */
type SeenListener = (userId: UserId, sessionId: SessionId, generation: number) => void

export type Guard = ReturnType<typeof createGuard>
type Dependencies = AccessTokenDependencies & {
  revocations: Revocations
  accessSeconds: number
}

/** Authenticates requests by their access token, without the database. */
export function createGuard(dependencies: Dependencies) {
  const { clock, revocations, accessSeconds } = dependencies
  const { install, recall, recallOrVerify } = createAccessTokens(dependencies)
  let tellSeen: SeenListener = () => undefined

  /** Sets `request.user`, or refuses with a 401; without a promise where the token is known. */
  const signedIn: onRequestHookHandler = (request, _reply, done) => {
    const known = recall(request.headers.authorization) ?? recallOrVerify(request)
    if (known === undefined) throw Unauthenticated()
    if (known instanceof Promise) {
      known.then((fresh) => admit(request, fresh)).then(() => done(), done)
      return
    }
    admit(request, known)
    done()
  }

  function admit(request: FastifyRequest, known: Verified): void {
    const { claims } = known
    const now = clock()
    if (now >= known.seenFrom) noteSeen(known)
    requireLive(claims)
    // A token from before the lifetime was shortened may outlive the entries of ended sessions.
    if (epochSeconds(now) >= Math.min(claims.exp, claims.iat + accessSeconds)) throw TokenExpired()
    request.user = claims
  }

  /** Refuses a token if its session has ended or was renewed, or if the role has changed. */
  function requireLive({ sid, gen = 0, sub, role }: AccessClaims): void {
    const lowestLiving = revocations.lowestLivingOf(sid)
    if (gen < lowestLiving) {
      throw lowestLiving === NO_GENERATION ? SessionEnded() : TokenExpired()
    }
    if (revocations.hasOtherRole(sub, role)) throw TokenExpired()
  }

  /** Reports each token once. */
  function noteSeen(known: Verified): void {
    known.seenFrom = Number.POSITIVE_INFINITY
    const { sub, sid, gen = 0 } = known.claims
    tellSeen(sub, sid, gen)
  }

  /** Registers the listener for used generations. */
  function whenSeen(listener: SeenListener): void {
    tellSeen = listener
  }

  /**
   * Checks the session and the role again after the body has arrived. A token that expired
   * meanwhile was valid when the request began.
   */
  function stillSignedIn({ user }: FastifyRequest): void {
    requireLive(user)
  }

  /**
   * The claims of a request, for a route that asks for an access token only sometimes.
   * @throws Unauthenticated, and what `protect` refuses with
   */
  async function requireSignedIn(request: FastifyRequest): Promise<AccessClaims> {
    const known = await recallOrVerify(request)
    if (known === undefined) throw Unauthenticated()
    admit(request, known)
    return known.claims
  }

  /** Like `requireSignedIn`, also for an expired or renewed token of a live session. */
  async function requireOnceSignedIn(request: FastifyRequest): Promise<AccessClaims> {
    const known = await recallOrVerify(request)
    return requireSignedIn(request).catch((error) => {
      if (known === undefined || !TokenExpired.is(error)) throw error
      return known.claims
    })
  }

  /** Makes all routes of this scope need a signed-in user; handlers read `request.user`. */
  function protect(app: App): void {
    app.addHook('onRequest', signedIn)
    app.addHook('preHandler', (request, _reply, done) => {
      stillSignedIn(request)
      done()
    })
  }

  /**
   * Claims of a genuine access token, expired or not; undefined without a credential.
   * @throws InvalidToken, or TokenExpired or SessionEnded for a token of a retired key
   */
  async function readAccessToken(request: FastifyRequest): Promise<AccessClaims | undefined> {
    const known = await (recall(request.headers.authorization) ?? recallOrVerify(request))
    return known?.claims
  }

  return {
    ...{ install, protect, requireSignedIn, requireOnceSignedIn, stillSignedIn, readAccessToken },
    whenSeen,
  }
}
