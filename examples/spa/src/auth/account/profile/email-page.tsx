import type { User } from '@latchkey/client'
import { useAuth, useUser } from '../../context.tsx'
import { VerifyForm } from '../../mail/verify-form.tsx'
import { authTexts } from '../../texts/index.ts'
import { Button, Form, flash, TextField, useAction, useForm } from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { CurrentPasswordField, confirmedBy, useMayLackPassword } from '../current-password.tsx'
import { accountTexts } from '../texts/index.ts'

/** The address: verify it, or change it. */
export function EmailPage() {
  const texts = accountTexts.use()
  const user = useUser()
  return (
    <AccountPage title={texts.pages.email.title}>
      {user && (
        <>
          <Present user={user} />
          {user.pendingEmail && <Pending user={user} email={user.pendingEmail} />}
          <ChangeForm key={user.email} user={user} />
        </>
      )}
    </AccountPage>
  )
}

function tellVerified(email: string): void {
  flash(authTexts.now().verified(email))
}

function Present({ user: { email, emailVerified } }: { user: User }) {
  const texts = accountTexts.use().email
  const look = emailVerified ? 'badge' : 'badge badge-warn'
  return (
    <Part
      title={texts.present}
      badge={<span class={look}>{emailVerified ? texts.isVerified : texts.notVerified}</span>}
    >
      <p class="account-value" translate={false}>
        {email}
      </p>
      {!emailVerified && (
        <>
          <p>{texts.verifyLead(email)}</p>
          <div>
            <VerifyForm onVerified={tellVerified} />
          </div>
        </>
      )}
    </Part>
  )
}

/** A new address that its owner has not confirmed yet. */
function Pending({ user, email }: { user: User; email: string }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().email
  const { run, isBusy } = useAction(async () => {
    // The present address ends the change.
    await latchkey.call('PATCH /me', { body: { email: user.email } })
    flash(accountTexts.now().email.givenUp)
  })
  return (
    <Part title={texts.pendingTitle}>
      <p>{texts.pending(email)}</p>
      <div>
        <VerifyForm key={email} onVerified={tellVerified} />
      </div>
      <div>
        <Button isBusy={isBusy} onClick={run}>
          {texts.giveUp}
        </Button>
      </div>
    </Part>
  )
}

const EMPTY = { email: '', currentPassword: '' }

function ChangeForm({ user }: { user: User }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().email
  const mayLack = useMayLackPassword()
  const form = useForm({
    initial: EMPTY,
    required: mayLack ? ['email'] : ['email', 'currentPassword'],
    async submit(values) {
      const email = values.email.trim()
      await latchkey.call('PATCH /me', { body: { email, ...confirmedBy(values) } })
      form.reset()
      flash(accountTexts.now().email.changed(email))
    },
  })
  return (
    <Part title={texts.changeTitle}>
      <Form form={form} submit={texts.change}>
        <TextField
          {...{ form, name: 'email', label: texts.newEmail, hint: texts.newEmailHint }}
          type="email"
          autocomplete="email"
        />
        <CurrentPasswordField {...{ form, mayLack }} />
      </Form>
      {user.emailVerified && <p class="small">{texts.undo}</p>}
    </Part>
  )
}
