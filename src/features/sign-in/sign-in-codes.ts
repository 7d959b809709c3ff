import type { ChallengeView } from '../../contract/challenge.ts'
import type { Transport } from '../../contract/session.ts'
import type { Device } from '../../platform/device.ts'
import { RateLimited } from '../../platform/errors/table.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Caller, Resend } from '../challenges/purpose.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Lockout } from '../lockout/service.ts'
import type { User } from '../users/user.ts'
import type { AccountCodes } from './account-codes.ts'
import { VerificationRequired } from './errors.ts'

export const SIGN_IN = 'sign_in'
export const SIGN_IN_LIFE_MS = 10 * 60_000
const PURPOSE = { purpose: SIGN_IN, lifeMs: SIGN_IN_LIFE_MS } as const
/** `amr` of a password (RFC 8176). */
export const PASSWORD = 'pwd'

/** How a sign-in continues, and what it has proved so far. */
type Asked = { transport: Transport; device: Device; proved: readonly string[] }

type Newcomer = {
  user: User | undefined
  typed: string
  transport: Transport
  device: Device
}

export type SignInCodes = ReturnType<typeof createSignInCodes>
type Dependencies = {
  isOffered: boolean
  isRequired: boolean
  accountCodes: AccountCodes
  lockout: Pick<Lockout, 'decoySubject' | 'isClosedTo'>
  knownDevices: KnownDevices
  rateLimits: Pick<RateLimits<'sign_in_mail'>, 'consume'>
}

/** Sign-ins by a mailed code: instead of a password, or after one until the address is verified. */
export function createSignInCodes(dependencies: Dependencies) {
  const { isOffered, isRequired, accountCodes, lockout, knownDevices, rateLimits } = dependencies

  /**
   * Mails a code to the verified address of an account. The steps are the same where none may be
   * mailed; then it is for nobody. @throws RateLimited, Overloaded
   */
  async function begin(
    login: string,
    transport: Transport,
    caller: Caller,
  ): Promise<ChallengeView> {
    const { user, typed } = await accountCodes.request(login, caller)
    const { device, deviceCookie } = caller
    const subject = user ?? { id: lockout.decoySubject(typed), credentialVersion: 0 }
    const known = knownDevices.recognize(deviceCookie, subject)
    const isClosed = await lockout.isClosedTo(subject.id, known)
    const mayHave = user?.emailVerified && user.disabledAt === null && !isClosed
    return accountCodes.mailCode(PURPOSE, {
      ...{ user: mayHave ? user : undefined, typed, transport, device },
    })
  }

  const send = (resend: Resend) => accountCodes.send(SIGN_IN, resend)

  /** @throws VerificationRequired with a challenge, where the server asks for a verified address */
  async function requireVerified(user: User, asked: Asked): Promise<void> {
    if (!isRequired || user.emailVerified) return
    const isMailed = await mayMail(user.emailKey)
    const whose = { user, typed: user.emailKey, ...asked, isMailed }
    const challenge = await accountCodes.mailCode(PURPOSE, whose)
    throw VerificationRequired({ members: { challenge } })
  }

  /** @param newcomer without a user where somebody else has the address */
  function prepareFirst(newcomer: Newcomer, isMailed: boolean) {
    return accountCodes.prepare(PURPOSE, { ...newcomer, proved: [PASSWORD], isMailed })
  }

  /** Counts a code that is mailed unasked; after too many it has to be asked for. */
  function mayMail(emailKey: string): Promise<boolean> {
    return rateLimits.consume('sign_in_mail', emailKey).then(
      () => true,
      (error) => {
        if (RateLimited.is(error)) return false
        throw error
      },
    )
  }

  return {
    isOffered,
    isRequired,
    begin,
    send,
    requireVerified,
    prepareFirst,
    mayMail,
  }
}
