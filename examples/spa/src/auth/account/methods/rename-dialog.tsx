import type { Factor } from '@latchkey/client'
import { useAuth } from '../../context.tsx'
import { Dialog, Form, flash, TextField, useForm } from '../../ui/index.ts'
import { accountTexts } from '../texts/index.ts'

type Props = { factor: Factor; close: () => void; onRenamed: () => unknown }

/** What its owner calls a passkey or an app. */
export function RenameDialog({ factor, close, onRenamed }: Props) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use()
  const isApp = factor.kind === 'totp'
  const form = useForm({
    initial: { name: factor.name ?? '' },
    async submit({ name }) {
      await latchkey.factors.rename(factor.id, name.trim() || null)
      flash(accountTexts.now().saved)
      close()
      await onRenamed()
    },
  })
  const label = isApp ? texts.app.name : texts.methods.passkeyName
  const hint = isApp ? texts.app.nameHint : texts.methods.passkeyNameHint
  return (
    <Dialog title={texts.rename} onClose={close}>
      <Form form={form} submit={texts.save}>
        <TextField {...{ form, name: 'name', label, hint }} autocomplete="off" maxLength={100} />
      </Form>
    </Dialog>
  )
}
