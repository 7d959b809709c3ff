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

export type PasswordChange = {
  userId: UserId
  sessionId: SessionId
  currentPassword: string
  newPassword: string
  /** The `Idempotency-Key`, if there was one. */
  key: string | undefined
}

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

/** Changes passwords. */
export function createPasswordService(dependencies: Dependencies) {
  const { users, newPasswords, credentials, sessions, tokens, mail, audit } = dependencies

  /**
   * Replaces the password, ends every other session of the user, and renews this one, all in one
   * transaction: all older tokens are revoked.
   * @param change passwords within the policy, as far as it is the same for everybody
   * @throws WrongPassword when the current password is wrong, or was changed meanwhile;
   *   WeakPassword when the new one contains a name of its owner, or is breached; SessionEnded when
   *   the session has ended or the account is gone
   */
  async function change(change: PasswordChange, device: Device): Promise<IssuedSession> {
    return makeChange(change, device).catch(async (error) => {
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
    const { userId, sessionId, newPassword: password, key } = change
    const keyHash = hashOf(key)
    const issued = keyHash === null ? undefined : await sessions.reissue(sessionId, keyHash)
    if (issued?.user.id !== userId) return undefined
    const isRight = await credentials.tryConfirm({ userId, sessionId, password, device })
    return isRight && issued
  }

  async function makeChange(change: PasswordChange, device: Device): Promise<IssuedSession> {
    const { userId, sessionId, currentPassword, newPassword, key } = change
    const confirmation = { userId, sessionId, password: currentPassword, device }
    const user = await credentials.confirm(confirmation)
    const asker = askerOf(device, 'owner', userId)
    const given = { password: newPassword, owner: user, pointer: '/newPassword', asker }
    const hash = await newPasswords.hash(given)
    const session = await sessions.endInTransaction(async (tx, endAll, renew) => {
      if (!(await users.replacePassword(tx, user, hash))) return undefined
      await endAll({ userId, except: sessionId }, 'password_changed')
      await mail.queue(tx, { kind: 'password_changed', address: user.email, userId, device })
      // The time of a new proof, so only what it has shown: the password, and no second factor.
      return await renew(sessionId, device, () => 'pwd', hashOf(key))
    })
    if (!session) return credentials.throwConflict(user)
    audit.record({ type: 'password_changed', userId, sessionId, device })
    // The device cookie is signed for the new password.
    const changed = { ...user, credentialVersion: user.credentialVersion + 1 }
    return tokens.issueTokens(changed, session, session.rotatedAt)
  }

  return { change, again }
}

/** Not that of a refresh with the same key. */
function hashOf(key: string | undefined): string | null {
  if (key === undefined) return null
  return createHash('sha256').update(`PUT /password\n${key}`).digest('hex')
}
