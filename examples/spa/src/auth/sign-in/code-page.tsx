import type { Challenge } from '@latchkey/client'
import { useState } from 'preact/hooks'
import { explainGuess, orBeginAgain } from '../code-errors.ts'
import { useAuth } from '../context.tsx'
import { GuestPage } from '../guest-page.tsx'
import { PATHS } from '../paths.ts'
import { ResendButton } from '../step-up/resend-button.tsx'
import { authTexts } from '../texts/index.ts'
import { CodeField, Form, TextField, useForm } from '../ui/index.ts'

/** Sign in with a code that the server mails, where it offers that. */
export function SignInByMailPage() {
  const texts = authTexts.use()
  const [challenge, setChallenge] = useState<Challenge>()
  return (
    <GuestPage
      title={texts.signInByMail}
      lead={challenge ? texts.codeOnItsWay : texts.signInByMailLead}
    >
      {challenge ? (
        <CodeForm challenge={challenge} onOver={() => setChallenge(undefined)} />
      ) : (
        <LoginForm onBegun={setChallenge} />
      )}
      <p class="foot-note">
        <a href={PATHS.signIn + location.search}>{texts.otherWay}</a>
      </p>
    </GuestPage>
  )
}

function LoginForm({ onBegun }: { onBegun: (challenge: Challenge) => void }) {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const form = useForm({
    initial: { login: '' },
    required: ['login'],
    submit: async ({ login }) => onBegun(await latchkey.requestSignInCode(login)),
  })
  return (
    <Form form={form} submit={texts.sendCode} icon="mail">
      <TextField
        {...{ form, name: 'login', label: texts.usernameOrEmail }}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
      />
    </Form>
  )
}

type CodeProps = { challenge: Challenge; onOver: () => void }

function CodeForm({ challenge: { token }, onOver }: CodeProps) {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const form = useForm({
    initial: { code: '' },
    required: ['code'],
    explain: explainGuess,
    submit: ({ code }, { key }) =>
      orBeginAgain(latchkey.answerChallenge({ challenge: token, code }, key), onOver),
  })
  return (
    <Form form={form} submit={texts.signIn} actions={<ResendButton challenge={token} />}>
      <CodeField {...{ form, name: 'code', label: texts.code, hint: texts.codeHint }} />
    </Form>
  )
}
