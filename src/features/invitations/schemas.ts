import { Type } from 'typebox'
import { strictObject } from '../../contract/schema.ts'

export const acceptedMessage = 'Your account is ready: sign in with your new password.'

export const InvitationAccepted = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: acceptedMessage,
    }),
  },
  { title: 'InvitationAccepted' },
)
