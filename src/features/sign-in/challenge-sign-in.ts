import { amrOf } from '../../contract/authentication.ts'
import type { ChallengeView } from '../../contract/challenge.ts'
import { ChallengeOver, SecondFactorRequired } from '../../contract/errors.ts'
import type { Transport } from '../../contract/session.ts'
import type { Texts } from '../../languages/en/texts.ts'
import { type Clock, epochSeconds } from '../../platform/clock.ts'
import { sql } from '../../platform/database/sql.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId } from '../../platform/ids.ts'
import type { Audit } from '../audit/service.ts'
import type { Answer, Caller, Proved, Proven, Work } from '../challenges/purpose.ts'
import type { SecondFactor } from '../factors/second-factor.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { Notices } from '../mail/notices.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Addresses } from '../users/addresses.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'
import type { AccountCodes } from './account-codes.ts'
import { SIGN_IN, SIGN_IN_LIFE_MS, type SignInCodes } from './sign-in-codes.ts'

/** A page may offer a passkey for as long as it is open, and ask again after that. */
const PASSKEY_LIFE_MS = 3_600_000

type Asked = {
  transport: Transport
  device: Device
  /** What was proved before. */
  proved: readonly string[]
  /** Whether a mailed code was among it. */
  isMailed?: boolean
  /** Of the challenge for the factor, where it is not `sign_in`, and what that keeps. */
  purpose?: string
  data?: string | undefined
}

export type ChallengeSignIn = ReturnType<typeof createChallengeSignIn>
type Dependencies = {
  clock: Clock
  users: Pick<Users, 'findOpen'>
  addresses: Pick<Addresses, 'verify'>
  accountCodes: Pick<AccountCodes, 'userOf'>
  signInCodes: Pick<SignInCodes, 'requireVerified'>
  secondFactor: SecondFactor
  sessions: Pick<Sessions, 'openIn' | 'reissue' | 'endPreviousSession'>
  knownDevices: KnownDevices
  notices: Pick<Notices, 'add'>
  audit: Pick<Audit, 'record'>
  /** How long a device may be trusted, or 0. */
  trustedSeconds: number
}

/** Sign-ins by the answer to a challenge: a second factor, a passkey alone, a mailed code. */
export function createChallengeSignIn(dependencies: Dependencies) {
  const { clock, users, addresses, accountCodes, signInCodes, secondFactor } = dependencies
  const { sessions, knownDevices, notices, audit, trustedSeconds } = dependencies
  const { proofs } = secondFactor

  /** A challenge that any passkey answers: it says itself whose it is. */
  function beginPasskey(transport: Transport, { device }: Caller): ChallengeView {
    const asked = { purpose: SIGN_IN, lifeMs: PASSKEY_LIFE_MS, transport, device }
    return secondFactor.askAnybody(asked)
  }

  /** @param cookie of the device, where its trust counts */
  function asksFactor(user: User, { proved }: Pick<Asked, 'proved'>, cookie?: string): boolean {
    return user.secondFactor && !proved.includes('mfa') && !isTrusted(cookie, user)
  }

  /**
   * @param cookie of the device, where its trust counts
   * @throws SecondFactorRequired with a challenge, where the account has a second factor
   */
  async function requireFactor(user: User, asked: Asked, cookie?: string): Promise<void> {
    if (!asksFactor(user, asked, cookie)) return
    const { isMailed = false, proved, ...how } = asked
    const address = isMailed ? user.emailKey : undefined
    const challenge = await secondFactor.ask({
      ...{ purpose: SIGN_IN, lifeMs: SIGN_IN_LIFE_MS, account: user, address, proved },
      ...how,
    })
    throw SecondFactorRequired({ members: { challenge }, authenticate: ['acr_values="aal2"'] })
  }

  /** Whether this browser may leave out the second factor: its user has asked for that. */
  function isTrusted(cookie: string | undefined, user: User): boolean {
    return trustedSeconds > 0 && knownDevices.isTrusted(cookie, user, clock())
  }

  /** Opens a session, and verifies the address where a mailed code has reached it. */
  async function open(proved: Proved & { proven: Proven }): Promise<Work> {
    const { challenge, caller } = proved
    const user = await ownerOf(proved)
    if (!user) throw ChallengeOver()
    const { device, deviceCookie } = caller
    const transport = challenge.transport ?? 'body'
    const amr = amrAfter(proved)
    // A challenge with an address follows a mailed code, or is answered by one.
    const isMailed = challenge.address !== null
    const asked = { transport, device, proved: amr.split(' '), isMailed }
    if (isMailed) await requireFactor(user, asked)
    else await signInCodes.requireVerified(user, asked)
    return async (tx) => {
      if (isMailed && !user.emailVerified && !(await addresses.verify(tx, user))) {
        throw ChallengeOver()
      }
      const start = { transport, device, amr }
      const opened = await sessions.openIn(tx, user, start, sql`emailKey = ${user.emailKey}`)
      if (!opened) throw ChallengeOver()
      return {
        outcome: opened.id,
        async afterCommit() {
          if (isMailed && !user.emailVerified) {
            audit.record({ type: 'email_verified', userId: user.id, device })
          } else if (knownDevices.recognize(deviceCookie, user) === undefined) {
            notices.add({ kind: 'new_device', userId: user.id, device })
          }
          await opened.afterCommit()
        },
      }
    }
  }

  /** The account of the challenge, or of the passkey that has answered it. */
  async function ownerOf({ challenge, method, proven }: Proved & { proven: Proven }) {
    const { userId, credentialVersion } = challenge
    if (userId === null) return proven.userId && users.findOpen(proven.userId)
    const user =
      method === 'mail_code' ? await accountCodes.userOf(challenge) : await users.findOpen(userId)
    const isSame = user?.disabledAt === null && user.credentialVersion === credentialVersion
    return isSame ? user : undefined
  }

  /** As `/login` answers; a session that has ended meanwhile is not opened again. */
  async function answer(proved: Proved, outcome: string | null): Promise<Answer> {
    const { challenge, caller, fields } = proved
    const id = outcome as SessionId | null
    const issued = id === null ? undefined : await sessions.reissue(challenge.userId, id)
    if (!issued) throw ChallengeOver()
    const { user, session } = issued
    const { device, deviceCookie: cookie, refreshCookie } = caller
    if (session.transport === 'cookie') {
      await sessions.endPreviousSession(refreshCookie, device, session.id)
    }
    const isTrusted = fields.trustDevice === true && trustedSeconds > 0
    const end = isTrusted ? epochSeconds(clock()) + trustedSeconds : undefined
    const known = knownDevices.recognize(cookie, user)
    const deviceCookie = knownDevices.remember(cookie, user, known, end)
    return {
      issued,
      message: ({ messages }: Texts) => messages.welcomeBack(user.username),
      deviceCookie,
    }
  }

  return { proofs, beginPasskey, asksFactor, requireFactor, open, answer }
}

/** Behind another proof, a mailed code only shows that the mail has arrived. */
function amrAfter({ challenge, method, proven }: Proved & { proven: Proven }): string {
  const { proved } = challenge
  const isBehind = method === 'mail_code' && proved.length > 0
  return isBehind ? proved.join(' ') : amrOf(proved, proven.amr)
}
