import type { Author } from '../../platform/actor.ts'
import type { Audit } from '../audit/service.ts'
import type { Keys } from '../keys/service.ts'
import type { Sessions } from '../sessions/service.ts'

type Dependencies = {
  sessions: Pick<Sessions, 'deleteAll'>
  keys: Pick<Keys, 'replaceAll'>
  audit: Pick<Audit, 'record'>
}

/** What an operator does to everybody at once. */
export function createEverybody({ sessions, keys, audit }: Dependencies) {
  /**
   * Ends all sessions of all accounts. Deletes the rows first, so that no refresh continues one;
   * then replaces the signing keys, so that no server must remember each session.
   * @returns how many were live
   */
  async function endAllSessions(author: Author): Promise<number> {
    const ended = await sessions.deleteAll()
    await keys.replaceAll('session_ended')
    audit.record({ type: 'sessions_ended', ...author, detail: `${ended} of everybody` })
    return ended
  }

  /** Replaces all signing keys. Sessions continue; older access tokens must be refreshed. */
  async function replaceKeys(author: Author): Promise<void> {
    await keys.replaceAll('token_expired')
    audit.record({ type: 'signing_keys_replaced', ...author })
  }

  return { endAllSessions, replaceKeys }
}
