import type { SessionId, UserId } from '../../platform/ids.ts'
import type { SessionStore } from './store.ts'

export const NOTES_INTERVAL_MS = 1000
/** Maximum length of the queue; dropping a note only forgives a client more. */
const MAX_NOTES = 10_000
/** Parallel statements; the other connections stay free for requests. */
const PARALLEL = 4

export type SeenTokens = ReturnType<typeof createSeenTokens>
type Dependencies = { store: Pick<SessionStore, 'markSeen'> }

/**
 * Notes which generations were used so late that the client must have stored the response. Then the
 * predecessor is no longer forgiven. No request waits for a note.
 */
export function createSeenTokens({ store }: Dependencies) {
  const notes = new Map<SessionId, { userId: UserId; generation: number }>()

  function note(userId: UserId, sessionId: SessionId, generation: number): void {
    const known = notes.get(sessionId)
    if (generation <= (known?.generation ?? 0)) return
    if (known || notes.size < MAX_NOTES) notes.set(sessionId, { userId, generation })
  }

  /** Writes all notes to the database; a note stays until it is written. */
  async function write(): Promise<void> {
    const waiting = [...notes.keys()]
    for (let start = 0; start < waiting.length; start += PARALLEL) {
      await Promise.all(waiting.slice(start, start + PARALLEL).map(writeOne))
    }
  }

  async function writeOne(sessionId: SessionId): Promise<void> {
    const written = notes.get(sessionId)
    if (!written) return
    await store.markSeen(written.userId, sessionId, written.generation)
    if (notes.get(sessionId) === written) notes.delete(sessionId)
  }

  return { note, write }
}
