import { useAuth } from '../context.tsx'
import { SignedOut } from '../guards.tsx'
import { authTexts } from '../texts/index.ts'
import { Form, Page, PasswordField, TextField, useForm } from '../ui/index.ts'

/** Sign in with a password, and the ways to everything else. */
export function SignInPage() {
  const texts = authTexts.use()
  return (
    <SignedOut>
      <Page title={texts.signIn} width="narrow">
        <PasswordForm />
      </Page>
    </SignedOut>
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
      />
    </Form>
  )
}
