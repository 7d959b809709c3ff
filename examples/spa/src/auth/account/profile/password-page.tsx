import { useState } from 'preact/hooks'
import { useAuth } from '../../context.tsx'
import { checkRepeated, NewPasswordFields, PASSWORD_POINTERS } from '../../new-password.tsx'
import { Form, flash, useForm } from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { CurrentPasswordField, confirmedBy, useMayLackPassword } from '../current-password.tsx'
import { accountTexts } from '../texts/index.ts'

const EMPTY = { currentPassword: '', password: '', repeated: '' }

/** A new password; for an account without one, the first. */
export function PasswordPage() {
  const { pages, password } = accountTexts.use()
  return (
    <AccountPage title={pages.password.title} lead={password.lead}>
      <Part title={password.submit}>
        <PasswordForm />
      </Part>
    </AccountPage>
  )
}

function PasswordForm() {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().password
  const [isSet, setIsSet] = useState(false)
  const mayLack = useMayLackPassword() && !isSet
  const form = useForm({
    initial: EMPTY,
    required: mayLack ? ['password', 'repeated'] : ['currentPassword', 'password', 'repeated'],
    check: checkRepeated,
    pointers: PASSWORD_POINTERS,
    async submit(values) {
      const { password: newPassword, repeated: newPasswordConfirm } = values
      // The client finds its own answer again where it was lost.
      await latchkey.changePassword({ newPassword, newPasswordConfirm, ...confirmedBy(values) })
      setIsSet(true)
      form.reset()
      flash(accountTexts.now().password.changed)
    },
  })
  return (
    <Form form={form} submit={mayLack ? texts.set : texts.submit}>
      <CurrentPasswordField {...{ form, mayLack }} />
      <NewPasswordFields form={form} />
    </Form>
  )
}
