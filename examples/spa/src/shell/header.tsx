import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import {
  authTexts,
  Button,
  ButtonLink,
  flash,
  IconButton,
  messageOf,
  PATHS,
  useAuth,
  useSession,
} from '../auth/index.ts'
import { texts } from '../texts/index.ts'
import { NAVIGATION } from './navigation.ts'

/** The name of the site, the navigation, and the way out. On small screens they are in a menu. */
export function Header() {
  const { site, menu } = texts.use()
  const { user, outcome } = useSession()
  const { url } = useLocation()
  const [isOpen, setIsOpen] = useState(false)
  useEffect(() => setIsOpen(false), [url])
  useEffect(() => {
    const close = (event: KeyboardEvent) => event.key === 'Escape' && setIsOpen(false)
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [])
  return (
    <header class="header">
      <a class="brand" href={user ? PATHS.home : '/'}>
        <img src="/icon.svg" alt="" width="32" height="32" />
        {site}
      </a>
      {user && (
        <>
          <IconButton
            icon={isOpen ? 'close' : 'menu'}
            label={menu}
            aria-expanded={isOpen}
            aria-controls="menu"
            onClick={() => setIsOpen(!isOpen)}
          />
          <div id="menu" class={isOpen ? 'menu menu-open' : 'menu'}>
            <Navigation />
            <SignOutButton />
          </div>
        </>
      )}
      {outcome !== 'looking' && !user && <SignInLink />}
    </header>
  )
}

function Navigation() {
  const { nav } = texts.use()
  const { path: here } = useLocation()
  return (
    <nav class="nav" aria-label={nav.label}>
      {NAVIGATION.map(({ path, text }) => (
        <a key={path} href={path} aria-current={isBelow(here, path) ? 'page' : undefined}>
          {nav[text]}
        </a>
      ))}
    </nav>
  )
}

function isBelow(here: string, path: string): boolean {
  return here === path || here.startsWith(`${path}/`)
}

function SignInLink() {
  const { signIn } = authTexts.use()
  const { path } = useLocation()
  if (path === PATHS.signIn) return null
  return (
    <ButtonLink href={PATHS.signIn} look="quiet">
      {signIn}
    </ButtonLink>
  )
}

function SignOutButton() {
  const { signOut } = authTexts.use()
  const { latchkey } = useAuth()
  const [isBusy, setIsBusy] = useState(false)
  async function leave(): Promise<void> {
    setIsBusy(true)
    await latchkey.signOut().catch((error) => flash(messageOf(error), 'bad'))
    setIsBusy(false)
  }
  return (
    <Button look="quiet" icon="signOut" isBusy={isBusy} onClick={() => void leave()}>
      {signOut}
    </Button>
  )
}
