import type { FactorProof } from '../proofs.ts'
import type { FactorStore } from '../store.ts'
import { credentialOf } from './credential.ts'
import type { Verification } from './verification.ts'

type Dependencies = {
  store: Pick<FactorStore, 'findByKey'>
  verification: Pick<Verification, 'attestation'>
}

/** The proof that somebody has a new passkey, which nobody has added before. */
export function createNewPasskeyProof({ store, verification }: Dependencies): FactorProof {
  return async ({ proof, nonce }) => {
    const credential = await credentialOf(proof)
    const factor = credential && (await verification.attestation(credential, nonce()))
    if (!factor || (await store.findByKey(factor.credentialKey ?? ''))) return undefined
    return { amr: [], factor }
  }
}
