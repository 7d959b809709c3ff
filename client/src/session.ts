import type { paths } from './api-types.ts'
import type { createEvents } from './events.ts'
import { createExchange, sessionIn, successful } from './exchange.ts'
import { isRefusal, LatchkeyError, lookInto, type Problem } from './problem.ts'
import type { Ask } from './sender.ts'
import type { Restored, SessionEvents } from './session-events.ts'
import type { createKeeper, Kept } from './storage.ts'
import type { createTabs, News } from './tabs.ts'

export type SessionBody = paths['/login']['post']['responses'][200]['content']['application/json']
export type User = SessionBody['user']
export type Transport = 'body' | 'cookie'

/** A session as it is in memory; the times are those of `now()`. */
type Live = { id: string; accessToken: string; dueAt: number; endsAt: number; user: User }
type Ending = { id?: string | undefined; problem?: Problem; isHeard?: boolean }

type Needs = {
  transport: Transport
  ask: Ask
  keeper: ReturnType<typeof createKeeper>
  /** Whether what is kept tells if there was a session; it does not where it is gone with the page. */
  hasHint: boolean
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
  tabs: ReturnType<typeof createTabs>
  emit: ReturnType<typeof createEvents<SessionEvents>>['emit']
  /** Milliseconds since some moment. */
  now: () => number
}

export type Session = ReturnType<typeof createSession>

/** Until a refresh that failed is tried again, while the access token works. */
const PAUSE_MS = 10_000

/** Holds one session: the access token in memory, the refresh token where it is kept. */
export function createSession(needs: Needs) {
  const { transport, ask, keeper, hasHint, inTurn, tabs, emit, now } = needs
  const exchange = createExchange(needs)
  let live: Live | undefined
  /** Whether it is known if a session was there before. */
  let hasLooked = false
  /** Whether the server is asked though nothing says that there was one. */
  let mustAsk = false
  /** How many sessions have ended here: an answer that was asked for before is none of the next one. */
  let ended = 0
  let refreshing: Promise<void> | undefined
  tabs.listen(hear)

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

  /**
   * Looks anew where nobody was signed in: another tab may have signed in meanwhile. It never throws.
   * @param options.ask in cookie transport: asks the server even if nobody has signed in on this page before
   */
  async function restore({ ask: always = false } = {}): Promise<Restored> {
    mustAsk = always
    if (!live) hasLooked = false
    try {
      await accessToken()
      return { outcome: live ? 'signedIn' : 'noSession', user: user() }
    } catch (error) {
      const outcome = error instanceof LatchkeyError ? 'refused' : 'noServer'
      return { outcome, user: user(), error }
    }
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
    const before = ended
    const kept = await keeper.read()
    if (!mayHaveSession(kept)) await end({})
    if (ended !== before) return
    const answer = await exchange.refresh(kept)
    if (ended !== before) return
    if ('access_token' in answer) return adopt(answer)
    await end({ id: kept.sessionId, problem: answer })
  }

  /** A request that nobody needs is an error in the console of every visitor. */
  function mayHaveSession({ refreshToken, sessionId, refreshKey }: Kept): boolean {
    if (transport === 'body') return Boolean(refreshToken)
    return Boolean(live || mustAsk || !hasHint || sessionId || refreshKey)
  }

  /** Takes on a session that the server has opened or carried on. */
  async function adopt(body: SessionBody): Promise<void> {
    const { sessionId, refresh_token: refreshToken } = body
    await keeper.write({ refreshToken, sessionId })
    const was = live
    hasLooked = true
    live = {
      id: sessionId,
      accessToken: body.access_token,
      dueAt: now() + body.refreshAfter * 1000,
      endsAt: now() + body.expires_in * 1000,
      user: body.user,
    }
    if (was?.id !== sessionId) return emit('signedIn', body.user)
    live.user = was.user
    learn(body.user)
    emit('refreshed', live.user)
  }

  /** The server has named the user. The same one stays the same object, so frameworks see no change. */
  function learn(user: User, isHeard = false): void {
    if (live?.user.id !== user.id || JSON.stringify(live.user) === JSON.stringify(user)) return
    live.user = user
    emit('userChanged', user)
    if (!isHeard) tabs.tell({ sessionId: live.id, user })
  }

  /** Another tab has told something. */
  function hear({ sessionId, isOver, user }: News): void {
    if (user) learn(user, true)
    const isSame = live?.id === sessionId
    if (isOver && isSame) end({ id: sessionId, isHeard: true }).catch(() => undefined)
    if (user || isOver || isSame) return
    hasLooked = false
    refresh(live?.accessToken).catch(() => undefined)
  }

  /** Signs in or registers; what was there before is replaced when that has worked. */
  function open(path: string, body: object): Promise<User> {
    return inTurn(() => begin(path, body))
  }

  async function begin(path: string, body: object): Promise<User> {
    const opened = await exchange.open(path, body)
    await adopt(opened)
    tabs.tell({ sessionId: opened.sessionId })
    return opened.user
  }

  /**
   * Ends the session on the server, then here.
   * @param options.local ends it here alone and at once, without a request; the server still has it
   * @throws when the server was not told: it goes on then
   */
  function signOut({ local = false } = {}): Promise<void> {
    if (local) return end({})
    return inTurn(async () => {
      await exchange.signOut(signature())
      await end({})
    })
  }

  /** Changes the password; the session goes on with the tokens of the answer. */
  function changePassword(body: { newPassword: string }): Promise<void> {
    return inTurn(async () => {
      try {
        await adopt(await sessionIn(await change({ method: 'PUT', path: '/password', body })))
      } catch (failure) {
        if (!live || isRefusal(failure)) throw failure
        // Perhaps it was done and the answer got lost: the old tokens are dead then, and the new password works.
        const { username } = live.user
        await begin('/login', { username, password: body.newPassword }).catch(() => {
          throw failure
        })
      }
    })
  }

  function deleteAccount(body: object): Promise<void> {
    return inTurn(async () => {
      await successful(await change({ method: 'DELETE', path: '/me', body }))
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
  async function end({ id, problem, isHeard }: Ending): Promise<void> {
    const was = live
    live = undefined
    hasLooked = true
    ended++
    if (was && !isHeard) tabs.tell({ sessionId: was.id, isOver: true })
    try {
      const { sessionId } = await keeper.read()
      if (id === undefined || sessionId === undefined || id === sessionId) await keeper.clear()
    } finally {
      if (was) emit('signedOut', problem)
    }
  }

  function user(): User | null {
    return live?.user ?? null
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
    learn,
    user,
  }
}
