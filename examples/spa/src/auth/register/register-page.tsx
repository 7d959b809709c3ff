import { type Latchkey, LatchkeyError } from '@latchkey/client'
import { useAuth } from '../context.tsx'
import { GuestPage } from '../guest-page.tsx'
import { checkRepeated, NewPasswordFields, PASSWORD_POINTERS } from '../new-password.tsx'
import { PATHS } from '../paths.ts'
import { ProviderButtons } from '../sign-in/provider-buttons.tsx'
import { authTexts } from '../texts/index.ts'
import { type Attempt, Form, flash, TextField, useForm } from '../ui/index.ts'

const EMPTY = { username: '', email: '', password: '', repeated: '' }
type Values = typeof EMPTY

/** Create an account. */
export function RegisterPage() {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const form = useForm<Values>({
    initial: EMPTY,
    required: ['username', 'email', 'password', 'repeated'],
    check: checkRepeated,
    pointers: PASSWORD_POINTERS,
    async submit(values, attempt) {
      const { username } = await register(latchkey, values, attempt)
      flash(authTexts.now().welcome(username))
    },
  })
  return (
    <GuestPage title={texts.register}>
      <Form form={form} submit={texts.register}>
        <TextField
          {...{ form, name: 'username', label: texts.username, hint: texts.usernameHint }}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
        <TextField
          {...{ form, name: 'email', label: texts.email, hint: texts.emailHint }}
          type="email"
          autocomplete="email"
        />
        <NewPasswordFields form={form} label={texts.password} />
      </Form>
      <ProviderButtons hasDivider username={form.values.username} />
      <p class="foot-note">
        {texts.haveAccount} <a href={PATHS.signIn + location.search}>{texts.signIn}</a>
      </p>
    </GuestPage>
  )
}

/**
 * Where the answer of the attempt before was lost, the account may be there already, and its owner
 * is the one who knows the password.
 */
async function register(
  latchkey: Latchkey,
  { username, email, password, repeated }: Values,
  { isRepeated }: Attempt,
) {
  try {
    return await latchkey.register({ username, email, password, passwordConfirm: repeated })
  } catch (error) {
    if (!isRepeated || !isTaken(error)) throw error
    return latchkey.signIn({ username, password }).catch(() => Promise.reject(error))
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof LatchkeyError && ['username_taken', 'email_taken'].includes(error.code)
}
