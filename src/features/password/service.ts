import { createHash } from 'node:crypto'
import type { IssuedSession } from '../../contract/issued-session.ts'
import type { Device } from '../../platform/device.ts'
import type { SessionId, UserId } from '../../platform/ids.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Audit } from '../audit/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Credentials } from '../sign-in/credentials.ts'
import type { NewPasswords } from '../sign-in/new-passwords.ts'
import type { Tokens } from '../tokens/service.ts'
import type { Users } from '../users/service.ts'
import type { User } from '../users/user.ts'

export type PasswordChange = {
  userId: UserId
  sessionId: SessionId
  /** Undefined for the first password of the account. */
  currentPassword: string | undefined
  newPassword: string
  /** The `Idempotency-Key`, if there was one. */
  key: string | undefined
}

type Request = Omit<PasswordChange, 'newPassword'>

export type PasswordService = ReturnType<typeof createPasswordService>
type Dependencies = {
  users: Users
  newPasswords: Pick<NewPasswords, 'hash'>
  credentials: Credentials
  sessions: Pick<Sessions, 'endInTransaction' | 'reissue'>
  tokens: Pick<Tokens, 'issueTokens'>
  mail: Pick<Mail, 'queue'>
  audit: Audit
}

/** Sets and changes passwords. */
export function createPasswordService(dependencies: Dependencies) {
  const { users, newPasswords, credentials, sessions, tokens, mail, audit } = dependencies

  /**
   * Replaces the password, ends every other session of the user, and renews this one, all in one
   * transaction: all older tokens are revoked.
   * @param change passwords within the policy, as far as it is the same for everybody
   * @param owner who has no password yet, and has proven who he is
   * @throws WrongPassword when the current password is wrong, or was changed meanwhile;
   *   WeakPassword when the new one contains a name of its owner, or is breached; SessionEnded when
   *   the session has ended or the account is gone
   */
  async function change(
    change: PasswordChange,
    device: Device,
    owner?: User,
  ): Promise<IssuedSession> {
    return makeChange(change, device, owner).catch(async (error) => {
      // The same request may have made it at this moment.
      const made = await again(change, device)
      if (!made) throw error
      return made
    })
  }

  /**
   * The answer to a change that this request has made before: only it names the key, and knows the
   * password. @returns undefined unless the session has had no other tokens since
   * @throws RateLimited, Overloaded
   */
  async function again(change: PasswordChange, device: Device): Promise<IssuedSession | undefined> {
    const { userId, sessionId, newPassword: password } = change
    const issued = await madeBefore(change)
    if (!issued) return undefined
    const isRight = await credentials.tryConfirm({ userId, sessionId, password, device })
    return isRight && issued
  }

  /** The tokens of the last change of the session, where this request names its key. */
  async function madeBefore(change: Request): Promise<IssuedSession | undefined> {
    const keyHash = hashOf(change)
    if (keyHash === null) return undefined
    return sessions.reissue(change.userId, change.sessionId, keyHash)
  }

  async function makeChange(
    change: PasswordChange,
    device: Device,
    owner?: User,
  ): Promise<IssuedSession> {
    const { userId, sessionId, currentPassword: password = '', newPassword } = change
    const user = owner ?? (await credentials.confirm({ userId, sessionId, password, device }))
    const asker = askerOf(device, 'owner', userId)
    const given = { password: newPassword, owner: user, pointer: '/newPassword', asker }
    const hash = await newPasswords.hash(given)
    const session = await sessions.endInTransaction(async (tx, endAll, renew) => {
      if (!(await users.replacePassword(tx, user, hash))) return undefined
      await endAll({ userId, except: sessionId }, 'password_changed')
      const kind = owner ? 'password_set' : 'password_changed'
      await mail.queue(tx, { kind, address: user.email, userId, device })
      // The time of a new proof, so only what it has shown: the password, and no second factor.
      return await renew(userId, sessionId, device, () => 'pwd', hashOf(change))
    })
    if (!session) return credentials.throwConflict(user)
    const detail = owner ? 'first' : null
    audit.record({ type: 'password_changed', userId, sessionId, device, detail })
    // The device cookie is signed for the new password.
    const changed = { ...user, credentialVersion: user.credentialVersion + 1 }
    return tokens.issueTokens(changed, session, session.rotatedAt)
  }

  return { change, again, madeBefore }
}

/** Not that of a refresh with the same key; a first password and a change have one each. */
function hashOf({ key, currentPassword }: Request): string | null {
  if (key === undefined) return null
  const what = currentPassword === undefined ? 'PUT /password first' : 'PUT /password'
  return createHash('sha256').update(`${what}\n${key}`).digest('hex')
}
