import { randomUUID } from 'node:crypto'
import { SecondFactorMissing } from '../../contract/errors.ts'
import type { FactorView } from '../../contract/factor.ts'
import type { Clock } from '../../platform/clock.ts'
import { NotFound } from '../../platform/errors/table.ts'
import type { UserId } from '../../platform/ids.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Factor } from '../factors/factor.ts'
import type { RecoveryCodes } from '../factors/recovery-codes.ts'
import type { FactorStore } from '../factors/store.ts'
import type { WaysIn } from '../identities/ways-in.ts'
import type { User } from '../users/user.ts'
import type { Acting, FactorChanges } from './changes.ts'
import { factorView } from './factor-view.ts'

/** How long a retry of the request shows new recovery codes again. */
const RESHOWN_MS = 10 * 60_000

export type FactorSettings = ReturnType<typeof createFactorSettings>
type Dependencies = {
  clock: Clock
  changes: FactorChanges
  store: FactorStore
  recoveryCodes: RecoveryCodes
  waysIn: WaysIn
  /** Whether this server takes it: a passkey may be of a domain that is not listed any more. */
  isUsable: (factor: Factor) => boolean
}

/** What a user does with his factors, once they are there. */
export function createFactorSettings(dependencies: Dependencies) {
  const { clock, changes, store, recoveryCodes, waysIn, isUsable } = dependencies

  async function list(userId: UserId) {
    const factors = await store.visibleOf(userId)
    const items = factors.map((factor) => factorView(factor, isUsable))
    return { items, recoveryCodesLeft: await recoveryCodes.countLeft(userId) }
  }

  /** @throws NotFound, also when somebody else has it */
  async function rename(userId: UserId, id: string, name: string | null): Promise<FactorView> {
    await store.rename(userId, id, name)
    return factorView(requireOne(await store.visibleOf(userId), id), isUsable)
  }

  /**
   * Removes a factor; with the last one the recovery codes go, too.
   * @throws NotFound, LastCredential
   */
  function remove(acting: Acting, id: string): Promise<User> {
    return changes.make(acting, async (user, factors) => {
      const factor = requireOne(factors, id)
      const { secondFactor } = user
      return {
        ...{ secondFactor, kind: 'factor_removed', detail: factor.kind },
        async run(tx) {
          await store.remove(tx, factor)
          await waysIn.requireOne(tx, user)
        },
      }
    })
  }

  /**
   * Makes ten new recovery codes, and all older ones dead.
   * @param key the `Idempotency-Key`: a retry with it shows the same codes, unless the account has
   *   changed again. Nothing is stored for it: the codes are a function of it
   * @throws SecondFactorMissing, Overloaded
   */
  async function renewCodes(acting: Acting, key: string | undefined) {
    let codes: string[] = []
    const user = await changes.make(acting, async (before, factors) => {
      if (factors.length === 0) throw SecondFactorMissing()
      const shown = key === undefined ? undefined : await made(before, key)
      if (shown) {
        codes = shown
        return undefined
      }
      const asker = askerOf(acting.device, 'owner', before.id)
      const cause = causeOf(before.id, before.credentialVersion, key ?? randomUUID())
      const set = await recoveryCodes.prepare(cause, asker)
      codes = set.codes
      return {
        ...{ secondFactor: before.secondFactor, kind: 'recovery_codes_made' },
        run: (tx) => recoveryCodes.replace(tx, before.id, set),
      }
    })
    return { user, codes }
  }

  /** The codes that the same request has made, if that was the last change of the account. */
  async function made({ id, credentialVersion }: User, key: string) {
    const shown = await recoveryCodes.reshow(id, causeOf(id, credentialVersion - 1, key))
    const isRecent = shown && clock() - shown.madeAt.getTime() <= RESHOWN_MS
    return isRecent ? shown.codes : undefined
  }

  /**
   * Whether the switch would change. @throws SecondFactorMissing where it cannot be on
   */
  async function wouldSwitch({ id, secondFactor }: User, wanted: boolean): Promise<boolean> {
    if (secondFactor === wanted) return false
    if (wanted && !(await store.visibleOf(id)).some(isUsable)) throw SecondFactorMissing()
    return true
  }

  /** Decides whether sign-ins with the password ask for a factor. @throws SecondFactorMissing */
  function switchTo(acting: Acting, wanted: boolean): Promise<User> {
    return changes.make(acting, async (user) => {
      if (!(await wouldSwitch(user, wanted))) return undefined
      const [kind, detail] = ['second_factor_changed', wanted ? 'on' : 'off'] as const
      return { secondFactor: wanted, kind, detail, run: async () => undefined }
    })
  }

  return { list, rename, remove, renewCodes, wouldSwitch, switchTo }
}

/** @throws NotFound */
function requireOne(factors: readonly Factor[], id: string): Factor {
  const factor = factors.find((one) => one.id === id)
  if (!factor) throw NotFound({ detail: ({ details }) => details.noSuchFactor })
  return factor
}

function causeOf(userId: UserId, credentialVersion: number, key: string): string {
  return `${userId} ${credentialVersion} ${key}`
}
