import type { Latchkey, User } from '@latchkey/client'
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useMemo } from 'preact/hooks'
import { PATHS, pathToSignIn } from './paths.ts'
import { createSessionState, type SessionState } from './session-state.ts'
import { followAnswers } from './step-up/question.ts'
import { flash, serverText, useStore } from './ui/index.ts'

export type Auth = {
  latchkey: Latchkey
  /** Opens another page of the application. */
  go: (path: string, replace?: boolean) => void
  session: ReturnType<typeof createSessionState>
}

const Context = createContext<Auth | undefined>(undefined)

/** The client and the way to other pages, for all pages below. */
export function useAuth(): Auth {
  const auth = useContext(Context)
  if (!auth) throw new Error('useAuth needs an AuthProvider above')
  return auth
}

/** What is known of the session; a new one is a new rendering. */
export function useSession(): SessionState {
  return useStore(useAuth().session.state)
}

/** Who is signed in, or null. */
export function useUser(): User | null {
  return useSession().user
}

type Props = Pick<Auth, 'latchkey' | 'go'> & { children: ComponentChildren }

/** Looks for the session from before, and leads away when it ends, here or in another tab. */
export function AuthProvider({ latchkey, go, children }: Props) {
  const session = useMemo(() => createSessionState(latchkey), [latchkey])
  useEffect(() => {
    const stop = session.follow((problem) => {
      if (!problem) return go(PATHS.goodbye)
      flash(serverText(problem.detail), 'bad')
      go(pathToSignIn())
    })
    const stopAnswers = followAnswers(latchkey)
    void session.look()
    return () => {
      stop()
      stopAnswers()
    }
  }, [session])
  const auth = useMemo(() => ({ latchkey, go, session }), [session, go])
  return <Context.Provider value={auth}>{children}</Context.Provider>
}
