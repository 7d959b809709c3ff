import type { paths } from './api-types.ts'
import type { createEvents } from './events.ts'
import { LatchkeyError, lookInto, type Problem, problemOf } from './problem.ts'
import { randomKey } from './random-key.ts'
import type { Ask } from './sender.ts'
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
type Ending = { id?: string | undefined; problem?: Problem }

type Needs = {
  transport: Transport
  ask: Ask
  keeper: ReturnType<typeof createKeeper>
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
  emit: ReturnType<typeof createEvents<SessionEvents>>['emit']
  /** Milliseconds since some moment. */
  now: () => number
}

export type Session = ReturnType<typeof createSession>

/** Until a refresh that failed is tried again, while the access token works. */
const PAUSE_MS = 10_000

/** Holds one session: the access token in memory, the refresh token where it is kept. */
export function createSession({ transport, ask, keeper, inTurn, emit, now }: Needs) {
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
    if (live && now() >= live.dueAt) refreshBeside(live)
    return live?.accessToken
  }

  function refreshBeside(due: Live): void {
    refresh(due.accessToken).catch(() => {
      due.dueAt = now() + PAUSE_MS
    })
  }

  /** Asks anew where nobody was signed in: another tab may have signed in meanwhile. */
  async function restore(): Promise<User | null> {
    if (!live) hasLooked = false
    await accessToken()
    return live?.user ?? null
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
    const headers = { 'idempotency-key': refreshKey }
    const response = await ask({ path: '/refresh', body: tokenIn(kept), headers, again: true })
    if (response.ok) return adopt((await response.json()) as SessionBody)
    const problem = await problemOf(response)
    if (response.status !== 401 || problem.action !== 'login') throw new LatchkeyError(problem)
    await end({ id: kept.sessionId, problem })
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
      const replaced = tokenIn(await keeper.read())
      const opened = await answered(await ask({ path, body: { ...body, transport } }))
      // With a cookie the server has done it. It clears what the page has stored, so the new token comes after.
      if (replaced.refresh_token)
        await ask({ path: '/logout', body: replaced }).catch(() => undefined)
      await adopt(opened)
      return opened.user
    })
  }

  /** Ends the session on the server, then here. @throws when the server was not told: it goes on then */
  function signOut(): Promise<void> {
    return inTurn(async () => {
      const body = tokenIn(await keeper.read())
      const response = await ask({ path: '/logout', body, headers: signature(), again: true })
      if (!response.ok) throw new LatchkeyError(await problemOf(response))
      await end({})
    })
  }

  /** Changes the password; the session goes on with the tokens of the answer. */
  function changePassword(body: object): Promise<void> {
    return inTurn(async () => {
      try {
        await adopt(await answered(await change({ method: 'PUT', path: '/password', body })))
      } catch (failure) {
        // Perhaps it was done and the answer got lost: the server hands out the new tokens once more, if asked soon.
        await trade().catch(() => undefined)
        throw failure
      }
    })
  }

  function deleteAccount(body: object): Promise<void> {
    return inTurn(async () => {
      const response = await change({ method: 'DELETE', path: '/me', body })
      if (!response.ok) throw new LatchkeyError(await problemOf(response))
      await end({})
    })
  }

  /** Sends a signed request about the session itself. Nothing else changes the session meanwhile. */
  async function change(request: Parameters<Ask>[0]): Promise<Response> {
    if (!live || now() >= live.endsAt) await trade()
    const { problem, same } = await lookInto(await ask({ ...request, headers: signature() }))
    if (same.status !== 401 || problem.action !== 'refresh') return same
    await trade()
    return ask({ ...request, headers: signature() })
  }

  function signature(): Record<string, string> {
    return live ? { authorization: `Bearer ${live.accessToken}` } : {}
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
    try {
      const { sessionId } = await keeper.read()
      if (id === undefined || sessionId === undefined || id === sessionId) await keeper.clear()
    } finally {
      if (was) emit('signedOut', problem)
    }
  }

  function tokenIn({ refreshToken }: Kept): { refresh_token?: string } {
    return transport === 'body' && refreshToken ? { refresh_token: refreshToken } : {}
  }

  return {
    accessToken,
    restore,
    refresh,
    open,
    signOut,
    changePassword,
    deleteAccount,
    lose,
    user: () => live?.user ?? null,
  }
}

async function answered(response: Response): Promise<SessionBody> {
  if (!response.ok) throw new LatchkeyError(await problemOf(response))
  return (await response.json()) as SessionBody
}
