import { Type } from 'typebox'
import { strictObject } from '../../contract/schema.ts'
import { english } from '../../languages/languages.ts'

export const EmailVerified = strictObject(
  {
    email: Type.String({
      description: 'The address that is verified now, and the one of the account.',
      example: 'lyshark@example.com',
    }),
    message: Type.String({
      description: 'For people, not for programs.',
      example: english.messages.verified,
    }),
  },
  { title: 'EmailVerified' },
)

export const EmailChangeUndone = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: english.messages.emailChangeUndone,
    }),
  },
  { title: 'EmailChangeUndone' },
)
