import type { Group } from '../word.ts'
import {
  endSessions,
  identities,
  removeFactors,
  removeIdentity,
  resetMail,
  sessions,
  unlock,
  verifyEmail,
} from './user-access.ts'
import { create, disable, enable, list, remove, role, show } from './user-accounts.ts'

/** Accounts. */
export const user: Group = {
  name: 'user',
  about: 'accounts and their sessions',
  words: [
    ...[create, list, show, disable, enable, role, remove],
    ...[sessions, endSessions, unlock, resetMail, verifyEmail, removeFactors],
    ...[identities, removeIdentity],
  ],
}
