import { WeakPassword } from '../../contract/errors.ts'
import {
  breachedIssue,
  type PasswordOwner,
  passwordIssues,
} from '../../contract/password-policy.ts'
import type { BreachedPasswords } from '../../platform/passwords/breached/breached-passwords.ts'
import type { Passwords } from '../../platform/passwords/passwords.ts'
import type { Asker } from '../../platform/queues/fair-queue.ts'

type NewPassword = {
  password: string
  owner: PasswordOwner
  /** Where the request has it. */
  pointer: string
  asker: Asker
}

export type NewPasswords = ReturnType<typeof createNewPasswords>
type Dependencies = {
  passwords: Pick<Passwords, 'hash'>
  breachedPasswords: BreachedPasswords
}

/** Every password that an account is to have from now on comes through here. */
export function createNewPasswords({ passwords, breachedPasswords }: Dependencies) {
  /**
   * Hashes a password that nothing speaks against. What takes long comes last, and outside any
   * transaction: call it before one. @throws WeakPassword, Overloaded
   */
  async function hash({ password, owner, pointer, asker }: NewPassword): Promise<string> {
    const errors = passwordIssues(password, owner, pointer)
    if (errors.length > 0) throw WeakPassword({ errors })
    if (await breachedPasswords.has(password)) {
      throw WeakPassword({ errors: [breachedIssue(pointer)] })
    }
    return passwords.hash(password, asker)
  }

  return { hash, breachChecks: breachedPasswords.counts }
}
