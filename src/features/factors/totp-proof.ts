import type { Clock } from '../../platform/clock.ts'
import type { FactorProof } from './proofs.ts'
import type { Seeds } from './seeds.ts'
import type { FactorStore } from './store.ts'
import { totpStep } from './totp.ts'

type Dependencies = {
  store: Pick<FactorStore, 'findOnly' | 'advance'>
  seeds: Pick<Seeds, 'open'>
  clock: Clock
}

/** The proof by an authenticator app: a code of a time step that was not used before. */
export function createTotpProof({ store, seeds, clock }: Dependencies): FactorProof {
  return async ({ proof, challenge: { userId } }) => {
    const factor = userId === null ? undefined : await store.findOnly(userId, 'totp')
    if (!factor) return undefined
    const step = totpStep(seeds.open(factor.secret, factor.userId), proof, clock())
    if (step === undefined || BigInt(step) <= factor.counter) return undefined
    const counter = BigInt(step)
    return { amr: ['otp'], spend: (tx) => store.advance(tx, factor, { counter }) }
  }
}
