import { useAuth } from '../context.tsx'
import { GuestPage } from '../guest-page.tsx'
import { PATHS } from '../paths.ts'
import { authTexts } from '../texts/index.ts'
import { ButtonLink, Form, PasswordField, TextField, useForm } from '../ui/index.ts'
import { PasskeySignIn } from './passkey-sign-in.tsx'
import { ProviderButtons } from './provider-buttons.tsx'

/** Every way to sign in, and the way to an account. */
export function SignInPage() {
  const texts = authTexts.use()
  const { search } = location
  return (
    <GuestPage title={texts.signIn}>
      <PasswordForm />
      <div class="stack stack-tight">
        <p class="divider">{texts.or}</p>
        <PasskeySignIn />
        <ButtonLink href={PATHS.signInByMail + search} icon="mail">
          {texts.signInByMail}
        </ButtonLink>
        <ProviderButtons />
      </div>
      <p class="foot-note">
        {texts.noAccount} <a href={PATHS.register + search}>{texts.register}</a>
      </p>
    </GuestPage>
  )
}

function PasswordForm() {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const form = useForm({
    initial: { username: '', password: '' },
    required: ['username', 'password'],
    submit: (credentials) => latchkey.signIn(credentials),
  })
  return (
    <Form form={form} submit={texts.signIn}>
      <TextField
        {...{ form, name: 'username', label: texts.usernameOrEmail }}
        autocomplete="username webauthn"
        autocapitalize="none"
        spellcheck={false}
      />
      <PasswordField
        {...{ form, name: 'password', label: texts.password }}
        autocomplete="current-password"
        side={<a href={PATHS.forgotPassword}>{texts.forgot}</a>}
      />
    </Form>
  )
}
