import { useEffect } from 'preact/hooks'
import { useAuth, useUser } from './context.tsx'
import { PATHS } from './paths.ts'
import { authTexts } from './texts/index.ts'
import { ButtonLink, Page } from './ui/index.ts'

/** Behind a sign-out, here or in another tab. */
export function GoodbyePage() {
  const { go } = useAuth()
  const user = useUser()
  const texts = authTexts.use()
  useEffect(() => {
    if (user) go(PATHS.home, true)
  }, [user])
  return (
    <Page title={texts.goodbye} lead={texts.goodbyeLead} width="narrow">
      <div class="row">
        <ButtonLink href={PATHS.signIn} look="main">
          {texts.signInAgain}
        </ButtonLink>
        <ButtonLink href="/">{texts.toStart}</ButtonLink>
      </div>
    </Page>
  )
}
