import { LatchkeyError, type Problem, problemOf } from './problem.ts'
import { randomKey } from './random-key.ts'
import type { Ask } from './sender.ts'
import type { SessionBody, Transport } from './session.ts'
import type { createKeeper, Kept } from './storage.ts'

type Needs = { transport: Transport; ask: Ask; keeper: ReturnType<typeof createKeeper> }

/** The requests that open a session, carry it on and end it, with the refresh token that is kept. */
export function createExchange({ transport, ask, keeper }: Needs) {
  function tokenIn({ refreshToken }: Kept): { refresh_token?: string } {
    return transport === 'body' && refreshToken ? { refresh_token: refreshToken } : {}
  }

  return {
    /** @returns new tokens, or the problem that says that the session is over; any other one is thrown */
    async refresh(kept: Kept): Promise<SessionBody | Problem> {
      // Kept before it is sent: whatever happens to the answer, the next refresh asks for the same one.
      const refreshKey = kept.refreshKey ?? randomKey()
      await keeper.write({ ...kept, refreshKey })
      const headers = { 'idempotency-key': refreshKey }
      const body = tokenIn(kept)
      const response = await ask({ path: '/refresh', body, headers, again: true })
      if (response.ok) return sessionIn(response)
      const problem = await problemOf(response)
      if (response.status !== 401 || problem.action !== 'login') throw new LatchkeyError(problem)
      return problem
    },

    /** Signs in or registers; what was there before ends when that has worked. */
    async open(path: string, body: object): Promise<SessionBody> {
      const replaced = tokenIn(await keeper.read())
      const opened = await sessionIn(await ask({ path, body: { ...body, transport } }))
      // With a cookie the server has done it.
      if (replaced.refresh_token)
        await ask({ path: '/logout', body: replaced }).catch(() => undefined)
      return opened
    },

    /** @throws when the server was not told */
    async signOut(headers: Record<string, string>): Promise<void> {
      const body = tokenIn(await keeper.read())
      await successful(await ask({ path: '/logout', body, headers, again: true }))
    },
  }
}

/** @throws LatchkeyError when the server has refused */
export async function successful(response: Response): Promise<Response> {
  if (!response.ok) throw new LatchkeyError(await problemOf(response))
  return response
}

/** @throws LatchkeyError when the server has refused */
export async function sessionIn(response: Response): Promise<SessionBody> {
  return (await (await successful(response)).json()) as SessionBody
}
