import type { Issue } from '../platform/errors/api-error.ts'
import { isCommonPassword } from '../platform/passwords/common-passwords.ts'
import { preparedPassword } from '../platform/passwords/form.ts'
import { WeakPassword } from './errors.ts'

const PASSWORD_MIN = 8
const PASSWORD_MAX = 128

/** In UTF-16 units: normalizing costs the square of a run of combining marks. */
const LONGEST_CHECKED = 1024

/** Shorter name parts are in nearly every password by chance. */
const SHORTEST_NAME = 3

/** The password must not contain these names. */
export type PasswordOwner = { username?: unknown; email?: unknown }

/**
 * Checks length in code points, the blocklist (also below decorations) and the owner's names (NIST
 * SP 800-63B-4 3.1.1.2, ASVS 5.0 6.2); no composition rules. @returns all issues
 */
export function passwordIssues(password: string, owner: PasswordOwner, pointer: string): Issue[] {
  if (password.length > LONGEST_CHECKED) return [tooLong(pointer)]
  const prepared = preparedPassword(password)
  const length = [...prepared].length
  const folded = prepared.toLowerCase()
  const weak = (code: string, detail: string): Issue => ({
    pointer,
    code,
    detail,
    error: WeakPassword,
  })
  const issues: Issue[] = []
  if (length < PASSWORD_MIN) {
    issues.push(weak('too_short', `The password must have at least ${PASSWORD_MIN} characters.`))
  }
  if (length > PASSWORD_MAX) issues.push(tooLong(pointer))
  if (length >= PASSWORD_MIN && length <= PASSWORD_MAX && isCommonPassword(folded)) {
    issues.push(weak('too_common', 'The password is too common: attackers try it first.'))
  }
  if (contains(folded, owner.username)) {
    issues.push(weak('contains_username', 'The password must not contain the username.'))
  }
  if (contains(folded, localPart(owner.email))) {
    issues.push(
      weak('contains_email', 'The password must not contain the name part of the e-mail address.'),
    )
  }
  return issues
}

/** The issue of a password that is in a list of breached ones. */
export function breachedIssue(pointer: string): Issue {
  const detail = 'The password is in a list of passwords from data breaches; choose another one.'
  return { pointer, code: 'breached', detail, error: WeakPassword }
}

/** All issues of a body that has a new password, and perhaps the same once more. */
export function newPasswordIssues(body: Record<string, unknown>): Issue[] {
  const { newPassword, newPasswordConfirm } = body
  if (typeof newPassword !== 'string') return []
  const issues = passwordIssues(newPassword, {}, '/newPassword')
  if (typeof newPasswordConfirm === 'string' && !isSamePassword(newPasswordConfirm, newPassword)) {
    const detail = 'The two passwords must be the same.'
    issues.push({ pointer: '/newPasswordConfirm', code: 'mismatch', detail })
  }
  return issues
}

/** Normal form and kind of space make no difference. */
export function isSamePassword(one: string, other: string): boolean {
  if (Math.max(one.length, other.length) > LONGEST_CHECKED) return one === other
  return preparedPassword(one) === preparedPassword(other)
}

function tooLong(pointer: string): Issue {
  const detail = `The password must have at most ${PASSWORD_MAX} characters.`
  return { pointer, code: 'too_long', detail }
}

function contains(folded: string, name: unknown): boolean {
  return (
    typeof name === 'string' && name.length >= SHORTEST_NAME && folded.includes(name.toLowerCase())
  )
}

function localPart(email: unknown): string | undefined {
  return typeof email === 'string' ? email.split('@')[0] : undefined
}
