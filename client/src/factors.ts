import type { createApi } from './api.ts'
import type { components } from './api-types.ts'
import type { Challenge, Proof } from './challenge.ts'
import { randomKey } from './random-key.ts'

type Schemas = components['schemas']
export type Factor = Schemas['Factor']
export type FactorList = Schemas['FactorList']
/** A new factor; the first one brings the recovery codes, which nobody can see again. */
export type AddedFactor = Schemas['AddedFactor']
export type Factors = ReturnType<typeof createFactors>

/** An authenticator app that is to be added: the page shows `uri` as a QR code. */
export type NewTotp = {
  secret: string
  uri: string
  /** @param code that the app shows @param name for the list @throws LatchkeyError */
  confirm(code: string, name?: string): Promise<AddedFactor>
}

/** The factors of the signed-in user; what changes them needs a recent proof (`onStepUp`). */
export function createFactors(call: ReturnType<typeof createApi>['call']) {
  /** Begins to add a factor. @throws LatchkeyError: `limit_reached`, `step_up_required` … */
  const begin = (purpose: 'add_totp' | 'add_passkey'): Promise<Challenge> =>
    call('POST /challenges', { body: { purpose } })

  /**
   * Adds the factor of a challenge.
   * @param key the same for a repetition, whose answer has the recovery codes again
   */
  async function add(
    body: Proof & { challenge: string; name?: string | undefined },
    key = randomKey(),
  ): Promise<AddedFactor> {
    const factor = await call<AddedFactor>('POST /challenges/answer', { body, key })
    await updateUser()
    return factor
  }

  /** `secondFactor` of the user may have changed. */
  const updateUser = () => call('GET /me').catch(() => undefined)

  return {
    begin,
    add,

    /** @throws LatchkeyError */
    list: (): Promise<FactorList> => call('GET /factors'),

    /** @throws LatchkeyError */
    rename: (id: string, name: string | null): Promise<Factor> =>
      call(`PATCH /factors/${id}`, { body: { name } }),

    /** Removes a factor; all other sessions end. @throws LatchkeyError */
    async remove(id: string): Promise<void> {
      await call(`DELETE /factors/${id}`)
      await updateUser()
    },

    /** Adds an authenticator app, once `confirm` gets a code of it. @throws LatchkeyError */
    async addTotp(): Promise<NewTotp> {
      const { token: challenge, totp } = await begin('add_totp')
      const key = randomKey()
      return {
        ...(totp as NonNullable<typeof totp>),
        confirm: (code, name) => add({ challenge, method: 'totp', code, name }, key),
      }
    },

    /** Makes ten new recovery codes; older ones are dead. @throws LatchkeyError */
    async recoveryCodes(): Promise<string[]> {
      const made = call<{ recoveryCodes: string[] }>('POST /factors/recovery-codes', {
        key: randomKey(),
      })
      return (await made).recoveryCodes
    },
  }
}
