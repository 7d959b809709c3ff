import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { useAuth, useSession } from './context.tsx'
import { pathAfterSignIn, pathToSignIn } from './paths.ts'
import { authTexts } from './texts/index.ts'
import { Failed, Loading, Page } from './ui/index.ts'

/** A page for people who are signed in; all others sign in first, and come back. */
export function SignedIn({ children }: { children: ComponentChildren }) {
  const { go, session } = useAuth()
  const { outcome, user, error } = useSession()
  useEffect(() => {
    if (outcome === 'noSession') go(pathToSignIn(), true)
  }, [outcome])
  if (user) return <>{children}</>
  if (outcome === 'looking' || outcome === 'noSession') return <Waiting />
  return <NoSession error={error} onRetry={session.look} />
}

/** A page for people who are not signed in; all others go where they wanted to. */
export function SignedOut({ children }: { children: ComponentChildren }) {
  const { go } = useAuth()
  const { outcome, user } = useSession()
  useEffect(() => {
    if (user) go(pathAfterSignIn(), true)
  }, [user])
  if (user || outcome === 'looking') return <Waiting />
  return <>{children}</>
}

function Waiting() {
  return (
    <main id="main" class="page page-wide">
      <Loading />
    </main>
  )
}

function NoSession({ error, onRetry }: { error: unknown; onRetry: () => unknown }) {
  const texts = authTexts.use()
  return (
    <Page title={texts.noServerTitle}>
      <Failed error={error} onRetry={onRetry} />
    </Page>
  )
}
