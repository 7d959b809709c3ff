import type { SessionStore } from './store.ts'

/** How often `write` is to be called. */
export const NOTES_INTERVAL_MS = 1000
/** Sessions that wait for their note; what finds no room is lost, which forgives a client more. */
const MAX_NOTES = 10_000
/** Statements at once, so that requests find connections beside them. */
const PARALLEL = 4

export type SeenTokens = ReturnType<typeof createSeenTokens>
type Needs = { store: Pick<SessionStore, 'markSeen'> }

/**
 * Notes which generations of sessions came back so late that their client must have kept the answer
 * that brought them. From then on the predecessor is not forgiven. No request waits for a note.
 */
export function createSeenTokens({ store }: Needs) {
  const generations = new Map<string, number>()

  /** Remembers that a token of this generation came back. */
  function note(sessionId: string, generation: number): void {
    if (generation <= (generations.get(sessionId) ?? 0)) return
    if (generations.size < MAX_NOTES || generations.has(sessionId)) {
      generations.set(sessionId, generation)
    }
  }

  /**
   * Writes all notes into the sessions' rows. A note stays until it is written.
   * @throws what the database throws
   */
  async function write(): Promise<void> {
    const waiting = [...generations]
    for (let start = 0; start < waiting.length; start += PARALLEL) {
      await Promise.all(waiting.slice(start, start + PARALLEL).map(writeOne))
    }
  }

  async function writeOne([sessionId, generation]: [string, number]): Promise<void> {
    await store.markSeen(sessionId, generation)
    if (generations.get(sessionId) === generation) generations.delete(sessionId)
  }

  return { note, write }
}
