import { createHash } from 'node:crypto'
import type { ChallengeView } from '../../contract/challenge.ts'
import type { Transport } from '../../contract/session.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database, Transaction } from '../../platform/database/database.ts'
import { inTransaction } from '../../platform/database/transactions.ts'
import type { Device } from '../../platform/device.ts'
import { loginKey } from '../../platform/identity.ts'
import type { Challenge } from '../challenges/challenge.ts'
import type { Caller, Resend } from '../challenges/purpose.ts'
import type { Challenges } from '../challenges/service.ts'
import type { KnownDevices } from '../lockout/known-devices.ts'
import type { CodeKind } from '../mail/kinds.ts'
import type { Mail } from '../mail/service.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

/** No device cookie is for it, and to find that out takes as long as for an account. */
const NOBODY = { id: 'nobody', credentialVersion: 0 }

/** Its mail has the name of the purpose, or another one. */
type Purpose = { lifeMs: number } & ({ purpose: CodeKind } | { purpose: string; kind: CodeKind })
type Whose = {
  /** Undefined where the mail is for nobody. */
  user: User | undefined
  /** The key of the name, for the limits of further mails. */
  typed: string
  device: Device
  transport?: Transport | undefined
  proved?: readonly string[]
  isMailed?: boolean
}

export type AccountCodes = ReturnType<typeof createAccountCodes>
type Dependencies = {
  db: Database
  clock: Clock
  challenges: Pick<Challenges, 'begin'>
  mail: Pick<Mail, 'queue' | 'countRequest'>
  users: Pick<Users, 'findByKey'>
  knownDevices: Pick<KnownDevices, 'recognize'>
}

/** Codes that go to the stored address of an account, by either of its names. */
export function createAccountCodes(dependencies: Dependencies) {
  const { db, clock, challenges, mail, users, knownDevices } = dependencies

  /** Finds an account, and counts a mail to it, or to nobody alike. @throws RateLimited */
  async function request(login: string, caller: Caller) {
    const name = loginKey(login)
    const user = await users.findByKey(name)
    await countRequest(user, digestOf(name.key), caller)
    return { user, typed: name.key }
  }

  /** A known device has a limit of its own, which strangers cannot use up. */
  function countRequest(
    holder: { id: string; credentialVersion: number } = NOBODY,
    digest: string,
    { device, deviceCookie }: Caller,
  ): Promise<void> {
    const known = knownDevices.recognize(deviceCookie, holder)
    return mail.countRequest(known === undefined ? digest : `device ${known}`, device)
  }

  /** Begins a challenge. @returns it, and what queues its mail in a transaction of the caller */
  function prepare(wanted: Purpose, whose: Whose) {
    const { purpose, lifeMs } = wanted
    const kind = 'kind' in wanted ? wanted.kind : wanted.purpose
    const { user, typed, device, transport, proved, isMailed = true } = whose
    const challenge = challenges.begin({
      ...{ purpose, account: user, address: user?.emailKey, data: digestOf(typed) },
      ...{ device, transport, proved, methods: ['mail_code'] },
    })
    const expiresAt = new Date(clock() + lifeMs)
    const code = { kind, challenge: challenge.token, expiresAt, device }
    const queue = (tx: Transaction) =>
      mail.queue(tx, { ...code, ...to(isMailed ? user : undefined) })
    return { challenge, queue }
  }

  async function mailCode(purpose: Purpose, whose: Whose): Promise<ChallengeView> {
    const { challenge, queue } = prepare(purpose, whose)
    await inTransaction(db, queue)
    return challenge
  }

  async function send(kind: CodeKind, { challenge, token, caller, isLive }: Resend): Promise<void> {
    const { userId, credentialVersion, data, endsAt } = challenge
    const holder =
      userId !== null && typeof credentialVersion === 'number'
        ? { id: userId, credentialVersion }
        : undefined
    await countRequest(holder, data ?? '', caller)
    const user = await userOf(challenge)
    const code = { challenge: token, expiresAt: new Date(endsAt), device: caller.device }
    await inTransaction(db, (tx) =>
      mail.queue(tx, { kind, ...code, ...to(isLive ? user : undefined) }),
    )
  }

  /** The account that the code was mailed to, as long as it has that address. */
  async function userOf({ userId, address, data }: Challenge): Promise<User | undefined> {
    // Without an address, a key that nobody has.
    const key = address ?? `@${data}`
    const user = await users.findByKey({ column: 'emailKey', key })
    return user?.id === userId ? user : undefined
  }

  return { request, prepare, mailCode, send, userOf }
}

function to(user: User | undefined) {
  return { address: user?.email, userId: user?.id }
}

/** A name of any length, short enough for a challenge; two that count as one have the same. */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
