import type { createEvents } from './events.ts'
import { createExchange } from './exchange.ts'
import { isRefusal, LatchkeyError, lookInto, type Problem } from './problem.ts'
import { createProofs } from './proofs.ts'
import type { Ask, Question } from './sender.ts'
import type { SessionBody, Transport, User } from './session-body.ts'
import type { Restored, SessionEvents } from './session-events.ts'
import type { createSessionStore, StoredSession } from './storage.ts'
import type { createTabs, TabMessage } from './tabs.ts'

/** The session in memory; times are those of `now()`. */
type Live = { id: string; accessToken: string; dueAt: number; endsAt: number; user: User }
type Ending = { id?: string | undefined; problem?: Problem; isFromTab?: boolean }

type Dependencies = {
  transport: Transport
  ask: Ask
  store: ReturnType<typeof createSessionStore>
  /** Whether the store outlives the page, so that an empty one means no session. */
  hasHint: boolean
  runExclusive: <T>(work: () => Promise<T>) => Promise<T>
  tabs: ReturnType<typeof createTabs>
  emit: ReturnType<typeof createEvents<SessionEvents>>['emit']
  now: () => number
}

export type Session = ReturnType<typeof createSession>

/** Between failed refreshes, while the access token works. */
const RETRY_PAUSE_MS = 10_000

/** One session: the access token in memory, the refresh token in the store. */
export function createSession(needs: Dependencies) {
  const { transport, ask, store, hasHint, runExclusive, tabs, emit, now } = needs
  const exchange = createExchange(needs)
  const proofs = createProofs()
  let live: Live | undefined
  /** Whether an earlier session has been looked for. */
  let hasLooked = false
  /** Whether to ask the server without a hint of a session. */
  let mustAsk = false
  /** Sessions ended so far: a late answer does not belong to the next one. */
  let ended = 0
  let refreshing: Promise<void> | undefined
  tabs.listen(onTabMessage)

  /**
   * A valid access token; undefined when nobody is signed in. Refreshes one that expires soon in
   * the background. @throws LatchkeyError or the error of fetch
   */
  async function accessToken(): Promise<string | undefined> {
    if (!live && !hasLooked) await refresh(undefined)
    if (live && now() >= live.endsAt) await refresh(live.accessToken)
    if (live && now() >= live.dueAt) refreshInBackground(live)
    return live?.accessToken
  }

  function refreshInBackground(due: Live): void {
    refresh(due.accessToken).catch(() => {
      due.dueAt = now() + RETRY_PAUSE_MS
    })
  }

  /** Looks for a session; never throws. `ask`: without a hint too, in cookie transport. */
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

  /** Replaces a stale access token, once for all concurrent callers. */
  function refresh(stale: string | undefined): Promise<void> {
    const isStale = () => live?.accessToken === stale && (live || !hasLooked)
    refreshing ??= runExclusive(async () => {
      if (isStale()) await rotate()
    }).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  async function rotate(): Promise<void> {
    const before = ended
    const stored = await store.read()
    if (!mayHaveSession(stored)) await end({})
    if (ended !== before) return
    const answer = await refreshed(stored)
    if (ended !== before) return
    if ('access_token' in answer) return adopt(answer)
    await end({ id: stored.sessionId, problem: answer })
  }

  /** @returns new tokens, or why there are none */
  async function refreshed(stored: StoredSession): Promise<SessionBody | Problem> {
    const answer = await exchange.refresh(stored)
    if (!('access_token' in answer)) return (await proofs.again(askSigned)) ?? answer
    proofs.forget()
    return answer
  }

  /** A needless request would be an error in the console of every visitor. */
  function mayHaveSession({ refreshToken, sessionId, refreshKey }: StoredSession): boolean {
    if (transport === 'body') return Boolean(refreshToken)
    return Boolean(live || mustAsk || !hasHint || sessionId || refreshKey)
  }

  /** Stores a session that was opened or refreshed. */
  async function adopt(body: SessionBody): Promise<void> {
    const { sessionId, refresh_token: refreshToken } = body
    await store.write({ refreshToken, sessionId })
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
    updateUser(body.user)
    emit('refreshed', live.user)
  }

  /** Unchanged data keeps the same object, so frameworks see no change. */
  function updateUser(user: User, isFromTab = false): void {
    if (live?.user.id !== user.id || JSON.stringify(live.user) === JSON.stringify(user)) return
    live.user = user
    emit('userChanged', user)
    if (!isFromTab) tabs.send({ sessionId: live.id, user })
  }

  function onTabMessage({ sessionId, hasEnded, user }: TabMessage): void {
    if (user) updateUser(user, true)
    const isSame = live?.id === sessionId
    if (hasEnded && isSame) end({ id: sessionId, isFromTab: true }).catch(() => undefined)
    if (user || hasEnded || isSame) return
    follow(sessionId).catch(() => undefined)
  }

  /** Takes over a session that another tab has opened. */
  async function follow(sessionId: string): Promise<void> {
    if (hasHint) await store.waitForSession(sessionId)
    hasLooked = false
    await refresh(live?.accessToken)
  }

  /** Signs in or registers, and replaces the previous session. @param key names an answer */
  function open(path: string, body: object, key?: string): Promise<User> {
    return runExclusive(() => begin(path, body, key))
  }

  async function begin(path: string, body: object, key?: string): Promise<User> {
    const opened = await exchange.open(path, body, key)
    await adopt(opened)
    tabs.send({ sessionId: opened.sessionId })
    return opened.user
  }

  /** Ends the session on the server, then here; with `local` only here. @throws if it fails */
  function signOut({ local = false } = {}): Promise<void> {
    if (local) return end({})
    return runExclusive(async () => {
      await exchange.signOut(authorization())
      await end({})
    })
  }

  /** Sends a proof; the session continues with the tokens of the answer. @throws LatchkeyError */
  function prove(body: object, key: string): Promise<void> {
    return runExclusive(() => renew({ path: '/challenges/answer', body }, key))
  }

  /** The same with any request that renews the session, while holding the lock. */
  async function renew(request: Question, key: string): Promise<void> {
    const renewed = await proofs.send(change, request, key).catch(async (failure) => {
      // A gateway may have answered; where nobody did, retries were made.
      const mayAsk = failure instanceof LatchkeyError && !isRefusal(failure)
      return (mayAsk && (await proofs.again(askSigned))) || Promise.reject(failure)
    })
    if (renewed) await adopt(renewed)
  }

  /** Sends an authenticated request about the session, while holding the lock. */
  async function change(request: Question): Promise<Response> {
    if (!live || now() >= live.endsAt) await rotate()
    const { problem, same } = await lookInto(await askSigned(request))
    if (same.status !== 401 || problem.action !== 'refresh') return same
    await rotate()
    return askSigned(request)
  }

  function askSigned({ headers, ...question }: Question): Promise<Response> {
    return ask({ ...question, headers: { ...headers, ...authorization() } })
  }

  function authorization(): Record<string, string> {
    return live ? { authorization: `Bearer ${live.accessToken}` } : {}
  }

  /** Ends the session of a refused access token, unless a new one has begun. */
  function drop(token: string, problem: Problem): Promise<void> {
    return runExclusive(async () => {
      if (live?.accessToken === token) await end({ id: live.id, problem })
    })
  }

  /** Clears the store, unless it holds another session than `id`. */
  async function end({ id, problem, isFromTab }: Ending): Promise<void> {
    const was = live
    live = undefined
    hasLooked = true
    ended++
    if (was && !isFromTab) tabs.send({ sessionId: was.id, hasEnded: true })
    try {
      const { sessionId } = await store.read()
      if (id === undefined || sessionId === undefined || id === sessionId) await store.clear()
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
    prove,
    drop,
    updateUser,
    user,
    current: () => live,
    held: { hold: runExclusive, change, renew, end },
  }
}
