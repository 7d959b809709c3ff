import { type Static, Type } from 'typebox'
import { EMAIL_MAX } from '../platform/identity.ts'
import type * as ids from '../platform/ids.ts'
import { UserId } from './ids.ts'
import { CHARACTERS, hint, TRIM } from './refinements.ts'
import { nullable, oneOf, strictObject, text, timestamp } from './schema.ts'

/** Unique without regard to case. */
export const Username = Type.String({
  minLength: 3,
  maxLength: 32,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.\\-]*$',
  [TRIM]: true,
  ...hint('username'),
  description:
    'Letters, digits, `_`, `.` and `-`. Unique; upper and lower case count as equal. The server removes white space around it.',
  example: 'lyshark',
})

/** What names an account: looser than the rules for new names, which may change. */
export const loginName = (description: string, example: string) =>
  Type.Optional(
    Type.Unsafe<string>({ ...text(254, { min: 1, description, example }), [TRIM]: true }),
  )

/** An address that mail can go to: `isEmailAddress` says which. Unique without regard to case. */
export const Email = Type.String({
  maxLength: EMAIL_MAX,
  format: 'idn-email',
  pattern: '^[^@]{1,64}@[^@]+$',
  [TRIM]: true,
  ...hint('email'),
  description:
    'A deliverable address: an ASCII name part without quotes (at most 64 characters), and a domain of at least two labels, in either spelling (UTS 46: `münchen.de` and `xn--mnchen-3ya.de` are the same). Unique; case and the spelling of the domain make no difference. The server stores and shows it as typed, without white space around it.',
  example: 'lyshark@example.com',
})

export const PersonName = text(100, {
  description: 'Any name, in any script.',
  example: 'Ly Shark',
})

/** A password as typed at a sign-in; the policy is for new ones alone. */
export const Password = Type.String({
  minLength: 1,
  maxLength: 512,
  [CHARACTERS]: 'wellFormed',
  format: 'password',
  ...hint('wellFormed'),
  description: 'The password. Spaces of every kind count as U+0020.',
  example: 'correct horse battery staple',
})

/** A password to be stored. The refinement of its body checks the policy (`passwordIssues`). */
export const NewPassword = Type.String({
  maxLength: 512,
  [CHARACTERS]: 'wellFormed',
  format: 'password',
  ...hint('wellFormed'),
  description:
    '8 to 128 characters after Unicode normalization (NFC). Spaces of every kind count as U+0020. It must not be a common password, and must not contain the username or the name part of the e-mail address.',
  example: 'correct horse battery staple',
})

/** The new password of an account that has one, and the same once more. */
export const newPasswordFields = {
  newPassword: Type.Unsafe<string>({ ...NewPassword, example: 'a quite different sentence' }),
  newPasswordConfirm: Type.Optional(
    Type.Unsafe<string>({
      ...Password,
      description: 'The new password again. Both must be the same.',
      example: 'a quite different sentence',
    }),
  ),
}

/** What an account shows to its owner. */
export const UserView = strictObject(
  {
    id: UserId,
    username: Username,
    // Without the rules for new ones, which may be stricter than those when it was chosen.
    email: Type.String({
      description: 'The e-mail address as it was typed.',
      example: 'lyshark@example.com',
    }),
    name: nullable(Type.String({ description: 'Any name, in any script.', example: 'Ly Shark' })),
    role: oneOf(['user', 'admin'], {
      description: 'An `admin` may change what belongs to others.',
      example: 'user',
    }),
    emailVerified: Type.Boolean({
      description: 'Whether the owner has confirmed the e-mail address.',
      example: false,
    }),
    pendingEmail: nullable(
      Type.String({
        description:
          'The address that takes the place of `email` once its owner confirms it; `null` where none was asked for.',
        example: null,
      }),
    ),
    secondFactor: Type.Boolean({
      description: 'Whether a sign-in with the password needs a second factor.',
      example: false,
    }),
    createdAt: timestamp('When the account was created.', '2026-11-20T09:58:12.345Z'),
  },
  { title: 'User', description: 'An account, as its owner sees it.' },
)
export type UserView = Static<typeof UserView>

/** What the response of a session shows of its user, and what the device cookie signs. */
export type SessionUser = {
  id: ids.UserId
  username: string
  email: string
  emailVerified: boolean
  pendingEmail: string | null
  secondFactor: boolean
  name: string | null
  role: string
  credentialVersion: number
  createdAt: Date
}

export function userView(user: SessionUser): UserView {
  const { id, username, email, name, role, emailVerified, pendingEmail, secondFactor, createdAt } =
    user
  return {
    id,
    username,
    email,
    name,
    role: role === 'admin' ? 'admin' : 'user',
    emailVerified,
    pendingEmail,
    secondFactor,
    createdAt: createdAt.toISOString(),
  }
}
