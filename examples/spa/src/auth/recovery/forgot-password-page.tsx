import type { Challenge } from '@latchkey/client'
import { useState } from 'preact/hooks'
import { explainGuess, orBeginAgain } from '../code-errors.ts'
import { useAuth } from '../context.tsx'
import { GuestPage } from '../guest-page.tsx'
import { checkRepeated, NewPasswordFields, PASSWORD_POINTERS } from '../new-password.tsx'
import { PATHS } from '../paths.ts'
import { ResendButton } from '../step-up/resend-button.tsx'
import { authTexts } from '../texts/index.ts'
import { CodeField, Form, flash, TextField, useForm } from '../ui/index.ts'

/** A code by mail, and with it a new password. */
export function ForgotPasswordPage() {
  const texts = authTexts.use()
  const [challenge, setChallenge] = useState<Challenge>()
  return (
    <GuestPage
      title={challenge ? texts.chooseNewPassword : texts.forgot}
      lead={challenge ? texts.codeOnItsWay : texts.forgotLead}
    >
      {challenge ? (
        <ResetForm challenge={challenge} onOver={() => setChallenge(undefined)} />
      ) : (
        <LoginForm onBegun={setChallenge} />
      )}
      <p class="foot-note">
        <a href={PATHS.signIn}>{texts.backToSignIn}</a>
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
    submit: async ({ login }) => onBegun(await latchkey.requestPasswordReset(login)),
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

const EMPTY = { code: '', password: '', repeated: '' }
type Values = typeof EMPTY

type ResetProps = { challenge: Challenge; onOver: () => void }

function ResetForm({ challenge: { token }, onOver }: ResetProps) {
  const { latchkey, go } = useAuth()
  const texts = authTexts.use()
  const form = useForm<Values>({
    initial: EMPTY,
    required: ['code', 'password', 'repeated'],
    check: checkRepeated,
    explain: explainGuess,
    pointers: PASSWORD_POINTERS,
    async submit({ code, password }, { key }) {
      const reset = { challenge: token, code, newPassword: password }
      await orBeginAgain(latchkey.resetPassword(reset, key), onOver)
      flash(authTexts.now().passwordChanged)
      go(PATHS.signIn)
    },
  })
  return (
    <Form form={form} submit={texts.setPassword} actions={<ResendButton challenge={token} />}>
      <CodeField {...{ form, name: 'code', label: texts.code, hint: texts.codeHint }} />
      <NewPasswordFields form={form} />
    </Form>
  )
}
