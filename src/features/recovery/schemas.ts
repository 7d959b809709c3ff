import { Type } from 'typebox'
import { strictObject } from '../../contract/schema.ts'
import { english } from '../../languages/languages.ts'

export const PasswordReset = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: english.messages.passwordReset,
    }),
  },
  { title: 'PasswordReset' },
)
