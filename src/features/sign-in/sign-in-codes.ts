import type { ChallengeView } from '../../contract/challenge.ts'
import { ChallengeOver } from '../../contract/errors.ts'
import type { Transport } from '../../contract/session.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Device } from '../../platform/device.ts'
import { RateLimited } from '../../platform/errors/table.ts'
import type { SessionId } from '../../platform/ids.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Audit } from '../audit/service.ts'
import type { Answer, Caller, Proved, Resend, StartFields, Work } from '../challenges/purpose.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Lockout } from '../lockout/service.ts'
import type { Notices } from '../mail/notices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Addresses } from '../users/addresses.ts'
import type { User } from '../users/user.ts'
import type { AccountCodes } from './account-codes.ts'
import { VerificationRequired } from './errors.ts'

export const SIGN_IN = 'sign_in'
export const SIGN_IN_LIFE_MS = 10 * 60_000
const PURPOSE = { purpose: SIGN_IN, lifeMs: SIGN_IN_LIFE_MS } as const
/** `amr` of a password, and of a mailed code alone (RFC 8176). */
const PASSWORD = 'pwd'
const CODE = 'otp'

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
  addresses: Pick<Addresses, 'verify'>
  sessions: Pick<Sessions, 'openIn' | 'reissue' | 'endPreviousSession'>
  lockout: Pick<Lockout, 'decoySubject' | 'isClosedTo'>
  knownDevices: KnownDevices
  rateLimits: Pick<RateLimits<'sign_in_mail'>, 'consume'>
  notices: Pick<Notices, 'add'>
  audit: Pick<Audit, 'record'>
}

/** Sign-ins by a mailed code: instead of a password, or after one until the address is verified. */
export function createSignInCodes(dependencies: Dependencies) {
  const { isOffered, isRequired, accountCodes, addresses, sessions } = dependencies
  const { lockout, knownDevices, rateLimits, notices, audit } = dependencies

  /**
   * Mails a code to the verified address of an account. The steps are the same where none may be
   * mailed; then it is for nobody. @throws RateLimited, Overloaded
   */
  async function begin(
    { login = '', transport = 'body' }: StartFields,
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
  async function requireVerified(user: User, transport: Transport, device: Device): Promise<void> {
    if (!isRequired || user.emailVerified) return
    const isMailed = await mayMail(user.emailKey)
    const whose = { user, typed: user.emailKey, transport, device, proved: [PASSWORD], isMailed }
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

  /** Opens a session, and verifies the address that the code has reached. */
  async function open({ challenge, caller }: Proved): Promise<Work> {
    const user = await accountCodes.userOf(challenge)
    const isSame = user?.credentialVersion === challenge.credentialVersion
    if (!user || !isSame || user.disabledAt !== null) throw ChallengeOver()
    const { device, deviceCookie } = caller
    const { proved, transport } = challenge
    const amr = proved.length > 0 ? proved.join(' ') : CODE
    const start = { transport: transport ?? 'body', device, amr }
    return async (tx) => {
      if (!user.emailVerified && !(await addresses.verify(tx, user))) throw ChallengeOver()
      const opened = await sessions.openIn(tx, user, start, sql`emailKey = ${user.emailKey}`)
      if (!opened) throw ChallengeOver()
      return {
        outcome: opened.id,
        async afterCommit() {
          tell(user, device, knownDevices.recognize(deviceCookie, user) !== undefined)
          await opened.afterCommit()
        },
      }
    }
  }

  function tell({ id: userId, emailVerified }: User, device: Device, isKnown: boolean): void {
    if (!emailVerified) audit.record({ type: 'email_verified', userId, device })
    else if (!isKnown) notices.add({ kind: 'new_device', userId, device })
  }

  /** As `/login` answers; a session that has ended meanwhile is not opened again. */
  async function answer({ caller }: Proved, outcome: string | null): Promise<Answer> {
    const issued = outcome === null ? undefined : await sessions.reissue(outcome as SessionId)
    if (!issued) throw ChallengeOver()
    const { user, session } = issued
    const { device, deviceCookie: cookie, refreshCookie } = caller
    if (session.transport === 'cookie') {
      await sessions.endPreviousSession(refreshCookie, device, session.id)
    }
    const deviceCookie = knownDevices.remember(cookie, user, knownDevices.recognize(cookie, user))
    return { issued, message: `Welcome back, ${user.username}!`, deviceCookie }
  }

  return {
    isOffered,
    isRequired,
    begin,
    send,
    requireVerified,
    prepareFirst,
    mayMail,
    open,
    answer,
  }
}
