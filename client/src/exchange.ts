import { LatchkeyError, type Problem, pendingIn, problemOf } from './problem.ts'
import { randomKey } from './random-key.ts'
import type { Ask } from './sender.ts'
import type { SessionBody, Transport } from './session-body.ts'
import type { createSessionStore, StoredSession } from './storage.ts'

type Dependencies = { transport: Transport; ask: Ask; store: ReturnType<typeof createSessionStore> }

/** The requests that open, refresh and end a session, with the stored refresh token. */
export function createExchange({ transport, ask, store }: Dependencies) {
  function tokenIn({ refreshToken }: StoredSession): { refresh_token?: string } {
    return transport === 'body' && refreshToken ? { refresh_token: refreshToken } : {}
  }

  return {
    /** @returns new tokens, or the problem if the session has ended; other problems are thrown */
    async refresh(stored: StoredSession): Promise<SessionBody | Problem> {
      // Stored before it is sent: if the answer is lost, the next refresh repeats this one.
      const refreshKey = stored.refreshKey ?? randomKey()
      await store.write({ ...stored, refreshKey })
      const headers = { 'idempotency-key': refreshKey }
      const body = tokenIn(stored)
      const response = await ask({ path: '/refresh', body, headers, isIdempotent: true })
      if (response.ok) return sessionIn(response)
      const problem = await problemOf(response)
      if (response.status !== 401 || problem.action !== 'login') throw new LatchkeyError(problem)
      return problem
    },

    /** Signs in or registers, then ends the previous session. @param key names an answer */
    async open(path: string, body: object, key?: string): Promise<SessionBody> {
      const replaced = tokenIn(await store.read())
      const question =
        key === undefined
          ? { path, body: { ...body, transport } }
          : { path, body, headers: { 'idempotency-key': key }, isIdempotent: true }
      const opened = await sessionIn(await ask(question))
      // A repeated answer opens the same session again.
      const { refresh_token } = replaced
      if (refresh_token && refresh_token !== opened.refresh_token)
        await ask({ path: '/logout', body: replaced }).catch(() => undefined)
      return opened
    },

    async signOut(headers: Record<string, string>): Promise<void> {
      const body = tokenIn(await store.read())
      await successful(await ask({ path: '/logout', body, headers, isIdempotent: true }))
    },
  }
}

/** @throws LatchkeyError when the server refuses */
export async function successful(response: Response): Promise<Response> {
  if (!response.ok) throw new LatchkeyError(await problemOf(response))
  return response
}

/** @throws LatchkeyError, also where a code has to come back first */
async function sessionIn(response: Response): Promise<SessionBody> {
  const pending = await pendingIn(await successful(response))
  if (pending) throw new LatchkeyError(pending)
  return (await response.json()) as SessionBody
}
