import type { ChallengeView, Method } from '../../contract/challenge.ts'
import type { UserId } from '../../platform/ids.ts'
import type { Beginning, Challenges } from '../challenges/service.ts'
import type { Factor } from './factor.ts'
import type { Passkeys } from './passkeys/passkeys.ts'
import type { FactorProofs } from './proofs.ts'
import type { FactorStore } from './store.ts'

/** The method that proves each kind of factor, in the order of their strength. */
const METHODS = { passkey: 'passkey', totp: 'totp', recovery: 'recovery_code' } as const
const KINDS = ['passkey', 'totp', 'recovery'] as const

export type SecondFactor = ReturnType<typeof createSecondFactor>
type Asked = Omit<Beginning, 'methods' | 'account'> & {
  account: { id: UserId; credentialVersion: number }
}
type Dependencies = {
  challenges: Pick<Challenges, 'begin'>
  store: Pick<FactorStore, 'listOf'>
  proofs: FactorProofs
  passkeys: Pick<Passkeys, 'options'>
}

/** Asks an account for one of its factors. */
export function createSecondFactor({ challenges, store, proofs, passkeys }: Dependencies) {
  const { options } = passkeys

  async function ask(asked: Asked, others: readonly Method[] = []): Promise<ChallengeView> {
    const factors = await store.listOf(asked.account.id)
    const methods = methodsOf(factors)
    const passkey = (nonce: string) => options.request(nonce, factors)
    return challenges.begin({
      ...{ ...asked, methods: [...methods, ...others] },
      ...(methods.includes('passkey') ? { passkey } : {}),
    })
  }

  /** A challenge that any passkey answers: it says itself whose it is. */
  function askAnybody(asked: Omit<Beginning, 'methods' | 'account'>): ChallengeView {
    return challenges.begin({ ...asked, methods: ['passkey'], passkey: options.anybody })
  }

  /** The ways to prove one of these factors, as far as they can be used here. */
  function methodsOf(factors: readonly Factor[]): Method[] {
    const usable = factors.filter(options.usable)
    const has = (kind: Factor['kind']) => usable.some((factor) => factor.kind === kind)
    return KINDS.filter(has)
      .map((kind) => METHODS[kind])
      .filter((method) => method in proofs)
  }

  return { ask, askAnybody, methodsOf, proofs }
}
