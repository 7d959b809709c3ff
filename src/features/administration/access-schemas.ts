import { Type } from 'typebox'
import { AdminIdentityView, IdentityId } from '../../contract/identity.ts'
import { SessionId } from '../../contract/ids.ts'
import { response, strictObject } from '../../contract/schema.ts'
import { EndedSessions, SessionList } from '../../contract/session-list.ts'
import { english } from '../../languages/languages.ts'
import { adminProblems, shared, UserParams, writeProblems } from './shared-schemas.ts'

export const sessionsSchema = {
  ...shared,
  operationId: 'listSessionsOfUser',
  summary: 'List the live sessions of an account, last used first',
  description: 'As its owner sees them; `current` marks the session of this request.',
  params: UserParams,
  response: { 200: response(SessionList, 'The live sessions.'), ...adminProblems() },
}

export const endSessionsSchema = {
  ...shared,
  operationId: 'endSessionsOfUser',
  summary: 'End all sessions of an account',
  description: 'Signs it out everywhere, within 2 seconds; its owner may sign in again.',
  params: UserParams,
  response: { 200: response(EndedSessions, 'The sessions have ended.'), ...writeProblems() },
}

export const endSessionSchema = {
  ...shared,
  operationId: 'endSessionOfUser',
  summary: 'End one session of an account',
  description: 'Signs one device out, within 2 seconds.',
  params: strictObject({ ...UserParams.properties, sid: SessionId }),
  response: {
    204: { description: 'The session has ended.', type: 'null' },
    ...writeProblems(),
  },
}

export const unlockSchema = {
  ...shared,
  operationId: 'unlockUser',
  summary: 'Let unknown devices sign in again',
  description: 'Forgets the failures that have locked the account for unknown devices.',
  params: UserParams,
  response: {
    204: { description: 'The account is not locked.', type: 'null' },
    ...writeProblems(),
  },
}

export const removeFactorsSchema = {
  ...shared,
  operationId: 'removeFactorsOfUser',
  summary: 'Take away all second factors of an account',
  description:
    'For somebody who has lost them and whom you know: apps, passkeys and recovery codes go, all sessions end, and the owner gets a mail. The password alone signs in. An account without factors stays as it is, and its owner gets no mail.',
  params: UserParams,
  response: {
    204: { description: 'The account has no factors, or had none.', type: 'null' },
    ...writeProblems(),
  },
}

export const identitiesSchema = {
  ...shared,
  operationId: 'listIdentitiesOfUser',
  summary: 'List the outside providers that sign in to an account',
  description: 'As its owner sees them, with issuer and subject, which tell two of them apart.',
  params: UserParams,
  response: {
    200: response(
      strictObject(
        { items: Type.Array(AdminIdentityView, { description: 'Oldest first.' }) },
        { title: 'AdminIdentityList' },
      ),
      'The identities.',
    ),
    ...adminProblems(),
  },
}

export const removeIdentitySchema = {
  ...shared,
  operationId: 'removeIdentityOfUser',
  summary: 'Remove an identity of an account',
  description:
    'The provider does not sign in to this account any more, unless it has verified the address of the account: then its next sign-in links them again. All sessions end, and the owner gets a mail. It may be the last way in: the owner gets in again by `reset_password`. 409 where no administrator could sign in any more.',
  params: strictObject({ ...UserParams.properties, identityId: IdentityId }),
  response: {
    204: { description: 'It is removed.', type: 'null' },
    ...writeProblems('last_admin'),
  },
}

export const resetMailSchema = {
  ...shared,
  operationId: 'sendResetMail',
  summary: 'Mail the owner a code for a new password',
  description:
    'Sends what `reset_password` sends, past its limits; to an account whose owner has accepted no invitation yet another one, good for 7 days. 404 for a disabled account, and where the server sends no mails.',
  params: UserParams,
  response: {
    202: response(
      strictObject(
        {
          message: Type.String({
            description: 'For people, not for programs.',
            example: english.messages.resetMailSent,
          }),
        },
        { title: 'MailSent' },
      ),
      'The mail is queued.',
    ),
    ...writeProblems(),
  },
}
