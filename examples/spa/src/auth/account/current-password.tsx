import { useAuth, useUser } from '../context.tsx'
import { type FormState, PasswordField, useLoad } from '../ui/index.ts'
import { accountTexts } from './texts/index.ts'

/** What a form has that the present password confirms. */
export type Confirmed = { currentPassword: string }

/**
 * Whether the account may be one without a password: then a provider or a passkey signs in. The
 * server asks it for another proof instead, and knows which accounts these are.
 */
export function useMayLackPassword(): boolean {
  const { latchkey } = useAuth()
  const { data } = useLoad(async () => {
    const { identities } = await import('@latchkey/client/providers')
    const [linked, { items }] = await Promise.all([identities(latchkey), latchkey.factors.list()])
    return linked.length > 0 || items.some(({ kind }) => kind === 'passkey')
  }, [latchkey])
  // Until it is known, and where it cannot be: the server judges.
  return data ?? true
}

/** The present password; accounts without one leave it empty. */
export function CurrentPasswordField({
  form,
  mayLack,
}: {
  form: FormState<Confirmed>
  mayLack: boolean
}) {
  const texts = accountTexts.use()
  const user = useUser()
  return (
    <>
      {/* Tells password managers whose password it is. */}
      <input type="hidden" name="username" autocomplete="username" value={user?.username ?? ''} />
      <PasswordField
        form={form}
        name="currentPassword"
        label={texts.currentPassword}
        hint={mayLack ? texts.currentPasswordHint : undefined}
        autocomplete="current-password"
      />
    </>
  )
}

/** For the body of a request: nothing where nothing was typed. */
export function confirmedBy({ currentPassword }: Confirmed): Partial<Confirmed> {
  return currentPassword ? { currentPassword } : {}
}
