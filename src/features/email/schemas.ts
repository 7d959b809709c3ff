import { Type } from 'typebox'
import { strictObject } from '../../contract/schema.ts'

export const verifiedMessage = 'Your e-mail address is verified.'
export const undoneMessage =
  'Your account has its old address again, and a new password. All sessions have ended: sign in with it.'

export const EmailVerified = strictObject(
  {
    email: Type.String({
      description: 'The address that is verified now, and the one of the account.',
      example: 'lyshark@example.com',
    }),
    message: Type.String({
      description: 'For people, not for programs.',
      example: verifiedMessage,
    }),
  },
  { title: 'EmailVerified' },
)

export const EmailChangeUndone = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: undoneMessage,
    }),
  },
  { title: 'EmailChangeUndone' },
)
