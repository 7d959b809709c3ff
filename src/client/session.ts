import type { paths } from './api-types.ts'
import type { createEvents } from './events.ts'
import { LatchkeyError, type Problem, problemOf } from './problem.ts'
import { randomKey } from './random-key.ts'
import type { createKeeper, Kept } from './storage.ts'

export type SessionBody = paths['/login']['post']['responses'][200]['content']['application/json']
export type User = SessionBody['user']
export type Transport = 'body' | 'cookie'

export type SessionEvents = {
  /** Somebody signed in or registered, or a session that was there before was found again. */
  signedIn: User
  /** The session is over: by `signOut()`, or because the server said so in this problem. */
  signedOut: Problem | undefined
  /** The session goes on with new tokens. */
  refreshed: User
}

/** A session as it is in memory; the times are those of `now()`. */
type Live = { id: string; accessToken: string; dueAt: number; endsAt: number; user: User }
type Ending = { id?: string; problem?: Problem }

type Needs = {
  transport: Transport
  /** Sends a POST with this JSON body; answers with whatever the server answers. */
  post: (path: string, body: object, headers?: Record<string, string>) => Promise<Response>
  keeper: ReturnType<typeof createKeeper>
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
  emit: ReturnType<typeof createEvents<SessionEvents>>['emit']
  /** Milliseconds since some moment. */
  now: () => number
}

export type Session = ReturnType<typeof createSession>

/** Holds one session: the access token in memory, the refresh token where it is kept. */
export function createSession({ transport, post, keeper, inTurn, emit, now }: Needs) {
  let live: Live | undefined
  /** Whether it is known if a session was there before. */
  let hasLooked = false
  let refreshing: Promise<void> | undefined

  /**
   * An access token that works, as far as one can know here; undefined when nobody is signed in. One that is
   * due still does, so nobody waits for the next one, and nobody stops when that cannot be had just now.
   * @throws LatchkeyError, or what fetch throws, where no token could be had
   */
  async function accessToken(): Promise<string | undefined> {
    if (!live && !hasLooked) await refresh(undefined)
    if (live && now() >= live.endsAt) await refresh(live.accessToken)
    if (live && now() >= live.dueAt) refresh(live.accessToken).catch(() => undefined)
    return live?.accessToken
  }

  /** Replaces an access token, once for all who ask meanwhile, and not when that has already happened. */
  function refresh(stale: string | undefined): Promise<void> {
    const isStale = () => live?.accessToken === stale && (live || !hasLooked)
    refreshing ??= inTurn(async () => {
      if (isStale()) await trade()
    }).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  async function trade(): Promise<void> {
    const kept = await keeper.read()
    if (transport === 'body' && !kept.refreshToken) return end({})
    // Kept before it is sent: whatever happens to the answer, the next refresh asks for the same one.
    const refreshKey = kept.refreshKey ?? randomKey()
    await keeper.write({ ...kept, refreshKey })
    const response = await post('/refresh', tokenIn(kept), { 'idempotency-key': refreshKey })
    if (response.ok) return adopt((await response.json()) as SessionBody)
    const problem = await problemOf(response)
    if (problem.action !== 'login') throw new LatchkeyError(problem)
    await end({ problem })
  }

  /** Takes on a session that the server has opened or carried on. */
  async function adopt(body: SessionBody): Promise<void> {
    const { sessionId, refresh_token: refreshToken } = body
    await (refreshToken ? keeper.write({ refreshToken, sessionId }) : keeper.clear())
    const event = live?.id === sessionId ? 'refreshed' : 'signedIn'
    hasLooked = true
    live = {
      id: sessionId,
      accessToken: body.access_token,
      dueAt: now() + body.refreshAfter * 1000,
      endsAt: now() + body.expires_in * 1000,
      user: body.user,
    }
    emit(event, body.user)
  }

  /** Signs in or registers; what was there before is replaced when that has worked. */
  function open(path: string, body: object): Promise<User> {
    return inTurn(async () => {
      const response = await post(path, { ...body, transport })
      if (!response.ok) throw new LatchkeyError(await problemOf(response))
      const opened = (await response.json()) as SessionBody
      const replaced = tokenIn(await keeper.read())
      await adopt(opened)
      // With a cookie the server has done it.
      if ('refresh_token' in replaced) await post('/logout', replaced).catch(() => undefined)
      return opened.user
    })
  }

  /** Ends the session on the server, then here. @throws when the server was not told: it goes on then */
  function signOut(): Promise<void> {
    return inTurn(async () => {
      const response = await post('/logout', tokenIn(await keeper.read()))
      if (!response.ok) throw new LatchkeyError(await problemOf(response))
      await end({})
    })
  }

  /** The server has refused this access token for good. A session that began meanwhile is another one. */
  function lose(token: string, problem: Problem): Promise<void> {
    return inTurn(async () => {
      if (live?.accessToken === token) await end({ id: live.id, problem })
    })
  }

  /** @param id what is kept of another session than this one stays */
  async function end({ id, problem }: Ending): Promise<void> {
    const was = live
    live = undefined
    hasLooked = true
    const { sessionId } = await keeper.read()
    if (id === undefined || sessionId === undefined || id === sessionId) await keeper.clear()
    if (was) emit('signedOut', problem)
  }

  function tokenIn({ refreshToken }: Kept): object {
    return transport === 'body' && refreshToken ? { refresh_token: refreshToken } : {}
  }

  return {
    accessToken,
    refresh,
    /** Gets new tokens, whether they are due or not; when that fails, the next call finds out. */
    renew: () => refresh(live?.accessToken).catch(() => undefined),
    adopt: (body: SessionBody) => inTurn(() => adopt(body)),
    open,
    signOut,
    lose,
    end: () => inTurn(() => end({})),
    user: () => live?.user ?? null,
  }
}
