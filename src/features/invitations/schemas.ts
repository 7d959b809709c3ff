import { Type } from 'typebox'
import { strictObject } from '../../contract/schema.ts'
import { english } from '../../languages/languages.ts'

export const InvitationAccepted = strictObject(
  {
    message: Type.String({
      description: 'For people, not for programs.',
      example: english.messages.invitationAccepted,
    }),
  },
  { title: 'InvitationAccepted' },
)
