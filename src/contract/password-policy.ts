import type { Text } from '../languages/text.ts'
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
  const weak = (code: string, detail: Text): Issue => ({
    pointer,
    code,
    detail,
    error: WeakPassword,
  })
  const issues: Issue[] = []
  if (length < PASSWORD_MIN) {
    issues.push(weak('too_short', ({ fields }) => fields.passwordTooShort(PASSWORD_MIN)))
  }
  if (length > PASSWORD_MAX) issues.push(tooLong(pointer))
  if (length >= PASSWORD_MIN && length <= PASSWORD_MAX && isCommonPassword(folded)) {
    issues.push(weak('too_common', ({ fields }) => fields.passwordTooCommon))
  }
  if (contains(folded, owner.username)) {
    issues.push(weak('contains_username', ({ fields }) => fields.passwordHasUsername))
  }
  if (contains(folded, localPart(owner.email))) {
    issues.push(weak('contains_email', ({ fields }) => fields.passwordHasEmail))
  }
  return issues
}

/** The issue of a password that is in a list of breached ones. */
export function breachedIssue(pointer: string): Issue {
  const detail: Text = ({ fields }) => fields.passwordBreached
  return { pointer, code: 'breached', detail, error: WeakPassword }
}

/** All issues of a body that has a new password, and perhaps the same once more. */
export function newPasswordIssues(body: Record<string, unknown>): Issue[] {
  const { newPassword, newPasswordConfirm } = body
  if (typeof newPassword !== 'string') return []
  const issues = passwordIssues(newPassword, {}, '/newPassword')
  if (typeof newPasswordConfirm === 'string' && !isSamePassword(newPasswordConfirm, newPassword)) {
    const detail: Text = ({ fields }) => fields.passwordsDiffer
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
  const detail: Text = ({ fields }) => fields.passwordTooLong(PASSWORD_MAX)
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
