import { useAuth, useUser } from '../context.tsx'
import { SignedIn } from '../guards.tsx'
import { PATHS } from '../paths.ts'
import { authTexts } from '../texts/index.ts'
import { ButtonLink, flash, Page } from '../ui/index.ts'
import { VerifyForm } from './verify-form.tsx'

/** Verify the address with a code that is typed here, where the person is signed in. */
export function VerifyEmailPage() {
  return (
    <SignedIn>
      <VerifyEmail />
    </SignedIn>
  )
}

function VerifyEmail() {
  const { go } = useAuth()
  const user = useUser()
  const texts = authTexts.use()
  if (!user) return null
  const address = user.pendingEmail ?? user.email
  if (user.emailVerified && !user.pendingEmail)
    return (
      <Page title={texts.verifiedTitle} lead={texts.verified(user.email)} width="narrow">
        <ButtonLink href={PATHS.home}>{texts.goOn}</ButtonLink>
      </Page>
    )
  return (
    <Page title={texts.verifyTitle} lead={texts.verifyLead(address)} width="narrow">
      <VerifyForm
        onVerified={(email) => {
          flash(authTexts.now().verified(email))
          go(PATHS.home)
        }}
      />
    </Page>
  )
}
