import { LastCredential } from '../../contract/errors.ts'
import type { Transaction } from '../../platform/database/database.ts'
import type { Passkeys } from '../factors/passkeys/passkeys.ts'
import type { FactorStore } from '../factors/store.ts'
import type { User } from '../users/user.ts'
import type { IdentityStore } from './store.ts'

export type WaysIn = ReturnType<typeof createWaysIn>
type Dependencies = {
  factorStore: Pick<FactorStore, 'listOf'>
  passkeys: Pick<Passkeys, 'options'>
  identityStore: Pick<IdentityStore, 'listOf'>
  /** Ids of those that the settings list. */
  providers: readonly string[]
}

/** What signs somebody in by itself: a password, an outside provider, a passkey. */
export function createWaysIn({ factorStore, passkeys, identityStore, providers }: Dependencies) {
  const { usable } = passkeys.options

  /**
   * Call it behind the change that takes one away, in the same transaction, which holds the row of
   * the user. @throws LastCredential where nothing is left
   */
  async function requireOne(tx: Transaction, user: User): Promise<void> {
    if (!(await hasOne(tx, user))) throw LastCredential()
  }

  async function hasOne(tx: Transaction, { id, passwordHash }: User): Promise<boolean> {
    if (passwordHash !== null) return true
    const identities = await identityStore.listOf(id, tx)
    if (identities.some(({ provider }) => providers.includes(provider))) return true
    const factors = await factorStore.listOf(id, tx)
    return factors.some((factor) => factor.kind === 'passkey' && usable(factor))
  }

  return { requireOne, hasOne }
}
