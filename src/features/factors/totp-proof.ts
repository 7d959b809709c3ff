import type { Transaction } from '../../platform/database/database.ts'
import type { GivenProof } from '../challenges/purpose.ts'
import type { FactorLockout, Guesser } from '../lockout/factor-lockout.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Factor } from './factor.ts'
import type { FactorProof } from './proofs.ts'
import type { Seeds } from './seeds.ts'
import type { FactorStore } from './store.ts'

type Dependencies = {
  store: Pick<FactorStore, 'findOnly' | 'advance'>
  seeds: Pick<Seeds, 'stepOf'>
  factorLockout: Pick<FactorLockout, 'requireOpen' | 'countWrong' | 'forgive'>
  knownDevices: Pick<KnownDevices, 'recognize'>
}

/** The proof by an authenticator app: a code of a time step that was not used before. */
export function createTotpProof(dependencies: Dependencies): FactorProof {
  const { store, seeds, factorLockout, knownDevices } = dependencies

  /** @throws RateLimited while the device is locked, also for the right code */
  async function prove(given: GivenProof) {
    const { proof, challenge } = given
    const { userId } = challenge
    const factor = userId === null ? undefined : await store.findOnly(userId, 'totp')
    if (!factor) return undefined
    const guesser = guesserOf(given, factor)
    await factorLockout.requireOpen(guesser)
    const step = seeds.stepOf(factor.secret, factor.userId, proof)
    if (step === undefined) {
      await factorLockout.countWrong(guesser)
      return undefined
    }
    await factorLockout.requireOpen(guesser)
    const counter = BigInt(step)
    // Used before: no guess, as its sender has seen a code.
    if (counter <= factor.counter) return undefined
    return { amr: ['otp'], spend: (tx: Transaction) => spend(tx, factor, counter, guesser) }
  }

  function guesserOf({ challenge, caller }: GivenProof, { userId: id }: Factor): Guesser {
    const { device, deviceCookie } = caller
    const credentialVersion = Number(challenge.credentialVersion)
    const known = knownDevices.recognize(deviceCookie, { id, credentialVersion })
    return { userId: id, known, device }
  }

  async function spend(tx: Transaction, factor: Factor, counter: bigint, guesser: Guesser) {
    if (!(await store.advance(tx, factor, { counter }))) return false
    await factorLockout.forgive(tx, guesser)
    return true
  }

  return prove
}
