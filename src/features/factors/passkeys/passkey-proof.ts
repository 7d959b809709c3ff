import type { Transaction } from '../../../platform/database/database.ts'
import type { UserId } from '../../../platform/ids.ts'
import type { Audit } from '../../audit/service.ts'
import type { Caller } from '../../challenges/purpose.ts'
import type { Notices } from '../../mail/notices.ts'
import type { Users } from '../../users/service.ts'
import type { FactorProof } from '../proofs.ts'
import type { FactorStore } from '../store.ts'
import { type Credential, credentialOf, keyOf, userHandleOf } from './credential.ts'
import { isPasskey, type Passkey, type PasskeyOptions } from './options.ts'
import type { Assertion, Verification } from './verification.ts'

type Dependencies = {
  store: Pick<FactorStore, 'findByKey' | 'keepUse'>
  options: Pick<PasskeyOptions, 'usable'>
  verification: Pick<Verification, 'assertion'>
  users: Pick<Users, 'findOpen'>
  audit: Pick<Audit, 'record'>
  notices: Pick<Notices, 'add'>
}

/**
 * The proof by a passkey: what it has signed for this challenge. Where the challenge names nobody,
 * the passkey says whose it is, and must have verified its user: it is both factors then.
 */
export function createPasskeyProof(dependencies: Dependencies): FactorProof {
  const { store, options, verification, users } = dependencies

  return async ({ proof, challenge: { userId }, caller, nonce }) => {
    const credential = await credentialOf(proof)
    const passkey = credential && (await find(credential, userId))
    const assertion = passkey && (await verification.assertion(credential, passkey, nonce()))
    if (!assertion) return undefined
    const proven = provenBy(passkey, assertion, caller)
    if (userId !== null) return proven
    const isBoth = assertion.isUserVerified && (await users.findOpen(passkey.userId))
    return isBoth ? { ...proven, userId: passkey.userId } : undefined
  }

  async function find(credential: Credential, userId: UserId | null): Promise<Passkey | undefined> {
    const factor = await store.findByKey(keyOf(credential.id))
    const isHere = factor !== undefined && isPasskey(factor) && options.usable(factor)
    return isHere && isMeant(factor, credential, userId) ? factor : undefined
  }

  function provenBy(passkey: Passkey, assertion: Assertion, { device }: Caller) {
    const { isUserVerified, ...use } = assertion
    const kind = use.backupEligible ? 'swk' : 'hwk'
    const { userId } = passkey
    let isTold = false
    return {
      amr: isUserVerified ? [kind, 'user'] : [kind],
      async spend(tx: Transaction) {
        const result = await store.keepUse(tx, passkey, use)
        // Once, although a conflict repeats the transaction; its rollback must not lose it.
        if (result === 'behind' && !isTold) tellOfClone(userId, device)
        isTold ||= result === 'behind'
        return result === 'kept'
      },
    }
  }

  /** Somebody else signs with a copy of the key, or did before. */
  function tellOfClone(userId: UserId, device: Caller['device']): void {
    dependencies.audit.record({ type: 'factor_cloned', userId, device })
    dependencies.notices.add({ kind: 'factor_cloned', userId, device })
  }
}

/** Whether the credential names the user of the passkey, who is also that of the challenge. */
function isMeant({ userId }: Passkey, { response }: Credential, wanted: UserId | null): boolean {
  const handle = response.userHandle ?? ''
  if (handle === '') return wanted === userId
  return handle === userHandleOf(userId) && (wanted === null || wanted === userId)
}
