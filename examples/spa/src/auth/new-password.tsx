import { authTexts } from './texts/index.ts'
import { type Errors, type FormState, PasswordField } from './ui/index.ts'

/** What a form with a new password has. */
export type NewPassword = { password: string; repeated: string }

/** A new password, twice, so that a slip of the finger locks nobody out. */
export function NewPasswordFields({
  form,
  label,
}: {
  form: FormState<NewPassword>
  label?: string
}) {
  const texts = authTexts.use()
  return (
    <>
      <PasswordField
        {...{
          form,
          name: 'password',
          label: label ?? texts.newPassword,
          hint: texts.newPasswordHint,
        }}
        autocomplete="new-password"
      />
      <PasswordField
        {...{ form, name: 'repeated', label: texts.repeatPassword }}
        autocomplete="new-password"
      />
    </>
  )
}

/** What can be said without the server: for the `check` of such a form. */
export function checkRepeated({ password, repeated }: NewPassword): Errors<NewPassword> {
  return password === repeated ? {} : { repeated: authTexts.now().notTheSame }
}

/** Where the server's errors belong: for the `pointers` of such a form. */
export const PASSWORD_POINTERS = {
  '/newPassword': 'password',
  '/newPasswordConfirm': 'repeated',
  '/passwordConfirm': 'repeated',
} as const
