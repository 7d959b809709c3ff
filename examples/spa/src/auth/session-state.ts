import type { Latchkey, Problem, Restored, User } from '@latchkey/client'
import { createStore } from './ui/index.ts'

export type SessionState = {
  /** `looking` until it is known whether there is a session. */
  outcome: 'looking' | Restored['outcome']
  user: User | null
  error?: unknown
}

/** What is known of the session: found at the start, then changed by the events of the client. */
export function createSessionState(latchkey: Latchkey) {
  const state = createStore<SessionState>({ outcome: 'looking', user: null })
  const known = () =>
    state.set({ outcome: latchkey.user ? 'signedIn' : 'noSession', user: latchkey.user })

  async function look(): Promise<void> {
    state.set({ outcome: 'looking', user: null })
    state.set(await latchkey.restore())
  }

  return {
    state,
    /** Looks for the session from before; asked again, once more. */
    look,

    /** @param ended hears of each end; with a problem, the server has ended it */
    follow(ended: (problem: Problem | undefined) => void): () => void {
      const again = () => void (state.get().outcome === 'noServer' && look())
      addEventListener('online', again)
      const stops = [
        latchkey.on('signedIn', known),
        latchkey.on('userChanged', known),
        latchkey.on('signedOut', (problem) => {
          const wasSignedIn = state.get().user !== null
          known()
          if (wasSignedIn) ended(problem)
        }),
      ]
      return () => {
        removeEventListener('online', again)
        for (const stop of stops) stop()
      }
    },
  }
}
