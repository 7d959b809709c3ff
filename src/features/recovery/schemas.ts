import { Type } from 'typebox'
import { strictObject } from '../../contract/schema.ts'

export const resetMessage = 'Your password is changed. All sessions have ended: sign in with it.'

export const PasswordReset = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: resetMessage,
    }),
  },
  { title: 'PasswordReset' },
)
