import { successful } from './exchange.ts'
import { randomKey } from './random-key.ts'
import type { Session } from './session.ts'

/** Requests about the account of the session. Each holds the lock: its answer may have tokens. */
export function createAccount({ held }: Pick<Session, 'held'>) {
  const { hold, change, renew, end } = held

  /** Of one key, so that a lost answer is found again: it kills the tokens of before. */
  function changePassword(body: object): Promise<void> {
    const key = randomKey()
    return hold(() => renew({ method: 'PUT', path: '/password', body }, key))
  }

  function deleteAccount(body: object): Promise<void> {
    return hold(async () => {
      await successful(await change({ method: 'DELETE', path: '/me', body }))
      await end({})
    })
  }

  return { changePassword, deleteAccount }
}
