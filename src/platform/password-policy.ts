import { dictionary } from '@zxcvbn-ts/language-common'
import { WeakPassword } from './error-table.ts'
import type { Fault } from './errors.ts'
import { preparedPassword } from './password-form.ts'

const PASSWORD_MIN = 8
const PASSWORD_MAX = 128

/**
 * In UTF-16 units. Normalizing costs the square of a run of combining marks, and this runs whatever
 * the schema says of the length.
 */
const LONGEST_CHECKED = 1024

/** A name part shorter than this is in nearly every password by chance. */
const SHORTEST_NAME = 3

/** The passwords that attackers try first (the list of zxcvbn), those of the allowed length. */
const common = new Set(
  (dictionary['passwords-common'] ?? []).filter((word) => String(word).length >= PASSWORD_MIN),
)
for (const word of ['latchkey', 'latchkey1', 'latchkey123']) common.add(word)

/** Whom the password belongs to; it must not contain these names. */
export type PasswordOwner = { username?: unknown; email?: unknown }

/**
 * What is wrong with a new password (NIST SP 800-63B-4 3.1.1.2, ASVS 5.0 6.2): length in code points
 * as it is prepared, the blocklist, the owner's names. There are no composition rules.
 * @param pointer where the password stands in the request
 * @returns all faults, none when the password may be used
 */
export function passwordFaults(password: string, owner: PasswordOwner, pointer: string): Fault[] {
  if (password.length > LONGEST_CHECKED) return [tooLong(pointer)]
  const prepared = preparedPassword(password)
  const length = [...prepared].length
  const folded = prepared.toLowerCase()
  const weak = (code: string, detail: string): Fault => ({
    pointer,
    code,
    detail,
    error: WeakPassword,
  })
  const faults: Fault[] = []
  if (length < PASSWORD_MIN) {
    faults.push(weak('too_short', `Needs at least ${PASSWORD_MIN} characters.`))
  }
  if (length > PASSWORD_MAX) faults.push(tooLong(pointer))
  if (common.has(folded)) {
    faults.push(weak('too_common', 'Is one of the passwords that attackers try first.'))
  }
  if (contains(folded, owner.username)) {
    faults.push(weak('contains_username', 'Contains the username.'))
  }
  if (contains(folded, localPart(owner.email))) {
    faults.push(weak('contains_email', 'Contains the name part of the e-mail address.'))
  }
  return faults
}

/** Whether two texts are one password: normal form and kind of space make no difference. */
export function isSamePassword(one: string, other: string): boolean {
  if (Math.max(one.length, other.length) > LONGEST_CHECKED) return one === other
  return preparedPassword(one) === preparedPassword(other)
}

function tooLong(pointer: string): Fault {
  return { pointer, code: 'too_long', detail: `Takes at most ${PASSWORD_MAX} characters.` }
}

function contains(folded: string, name: unknown): boolean {
  return (
    typeof name === 'string' && name.length >= SHORTEST_NAME && folded.includes(name.toLowerCase())
  )
}

function localPart(email: unknown): string | undefined {
  return typeof email === 'string' ? email.split('@')[0] : undefined
}
