import { useState } from 'preact/hooks'
import { explainGuess, orBeginAgain } from '../code-errors.ts'
import { useAuth, useUser } from '../context.tsx'
import { SignedIn } from '../guards.tsx'
import { PATHS } from '../paths.ts'
import { ResendButton } from '../step-up/resend-button.tsx'
import { authTexts } from '../texts/index.ts'
import {
  Button,
  ButtonLink,
  CodeField,
  Form,
  flash,
  Page,
  useAction,
  useForm,
} from '../ui/index.ts'

/** Verify the address with a code that is typed here, where the person is signed in. */
export function VerifyEmailPage() {
  return (
    <SignedIn>
      <VerifyEmail />
    </SignedIn>
  )
}

function VerifyEmail() {
  const { latchkey } = useAuth()
  const user = useUser()
  const texts = authTexts.use()
  const [challenge, setChallenge] = useState('')
  const { run, isBusy } = useAction(async () => {
    setChallenge((await latchkey.requestVerification()).token)
  })
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
      {challenge ? (
        <VerifyForm challenge={challenge} onOver={() => setChallenge('')} />
      ) : (
        <Button look="main" icon="mail" isBusy={isBusy} onClick={run}>
          {texts.sendCode}
        </Button>
      )}
    </Page>
  )
}

function VerifyForm({ challenge, onOver }: { challenge: string; onOver: () => void }) {
  const { latchkey, go } = useAuth()
  const texts = authTexts.use()
  const form = useForm({
    initial: { code: '' },
    required: ['code'],
    explain: explainGuess,
    async submit({ code }, { key }) {
      // With the access token: it shows that the one who is signed in reads the mail.
      const body = { challenge, method: 'mail_code', code }
      const answer = latchkey.call<{ email: string }>('POST /challenges/answer', { body, key })
      const { email } = await orBeginAgain(answer, onOver)
      await latchkey.call('GET /me')
      flash(authTexts.now().verified(email))
      go(PATHS.home)
    },
  })
  return (
    <Form form={form} submit={texts.verify} actions={<ResendButton challenge={challenge} />}>
      <CodeField {...{ form, name: 'code', label: texts.code, hint: texts.codeHint }} />
    </Form>
  )
}
