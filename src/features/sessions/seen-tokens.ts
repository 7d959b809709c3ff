import type { SessionId } from '../../platform/ids.ts'
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
  const generations = new Map<SessionId, number>()

  function note(sessionId: SessionId, generation: number): void {
    if (generation <= (generations.get(sessionId) ?? 0)) return
    if (generations.size < MAX_NOTES || generations.has(sessionId)) {
      generations.set(sessionId, generation)
    }
  }

  /** Writes all notes to the database; a note stays until it is written. */
  async function write(): Promise<void> {
    const waiting = [...generations]
    for (let start = 0; start < waiting.length; start += PARALLEL) {
      await Promise.all(waiting.slice(start, start + PARALLEL).map(writeOne))
    }
  }

  async function writeOne([sessionId, generation]: [SessionId, number]): Promise<void> {
    await store.markSeen(sessionId, generation)
    if (generations.get(sessionId) === generation) generations.delete(sessionId)
  }

  return { note, write }
}
