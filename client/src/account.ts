import { sessionIn, successful } from './exchange.ts'
import { isRefusal, LatchkeyError } from './problem.ts'
import type { Session } from './session.ts'

/** Requests about the account of the session. Each holds the lock: its answer may have tokens. */
export function createAccount({ held, user }: Pick<Session, 'held' | 'user'>) {
  const { hold, change, adopt, begin, end } = held

  function changePassword(body: { newPassword: string }): Promise<void> {
    return hold(async () => {
      try {
        await adopt(await sessionIn(await change({ method: 'PUT', path: '/password', body })))
      } catch (failure) {
        const before = user()
        if (!before || isRefusal(failure)) throw failure
        // If only the answer was lost, the old tokens are invalid and the new password works.
        const { username } = before
        await begin('/login', { username, password: body.newPassword }).catch((error) => {
          throw error instanceof LatchkeyError && error.challenge ? error : failure
        })
      }
    })
  }

  function deleteAccount(body: object): Promise<void> {
    return hold(async () => {
      await successful(await change({ method: 'DELETE', path: '/me', body }))
      await end({})
    })
  }

  return { changePassword, deleteAccount }
}
