import type { NewTotp } from '@latchkey/client'
import { explainGuess, orBeginAgain } from '../../code-errors.ts'
import { useAuth } from '../../context.tsx'
import { PATHS } from '../../paths.ts'
import { CodeField, Form, flash, Loaded, TextField, useForm, useLoad } from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { CopyButton } from '../copy-button.tsx'
import { newCodes } from '../recovery/new-codes.ts'
import { accountTexts } from '../texts/index.ts'
import { QrCode } from './qr-code.tsx'
import './add-app.css'

/** Set up an authenticator app: scan a code, then type what the app shows. */
export function AddAppPage() {
  const { app, pages } = accountTexts.use()
  return (
    <AccountPage title={app.title} up={{ path: PATHS.methods, title: pages.methods.title }}>
      <AddApp />
    </AccountPage>
  )
}

function AddApp() {
  const { latchkey } = useAuth()
  const load = useLoad(() => latchkey.factors.addTotp(), [latchkey])
  return (
    <Loaded load={load}>
      {(totp) => (
        <>
          <ScanPart totp={totp} />
          <ConfirmPart totp={totp} onOver={() => void load.reload()} />
        </>
      )}
    </Loaded>
  )
}

function ScanPart({ totp: { uri, secret } }: { totp: NewTotp }) {
  const texts = accountTexts.use().app
  return (
    <Part title={texts.scanTitle}>
      <p>{texts.scan}</p>
      <div class="qr-side">
        <QrCode text={uri} label={texts.qr} />
        <div class="stack stack-tight">
          <p>{texts.typed}</p>
          <p class="code qr-secret" translate={false}>
            {secret.match(/.{1,4}/g)?.join(' ')}
          </p>
          <div class="row">
            <CopyButton text={secret} />
          </div>
          <p>
            <a href={uri}>{texts.onThisDevice}</a>
          </p>
        </div>
      </div>
    </Part>
  )
}

function ConfirmPart({ totp, onOver }: { totp: NewTotp; onOver: () => void }) {
  const { go } = useAuth()
  const texts = accountTexts.use().app
  const form = useForm({
    initial: { code: '', name: '' },
    required: ['code'],
    explain: explainGuess,
    async submit({ code, name }) {
      // It has a key of its own, so a lost answer comes again, with the recovery codes.
      const added = totp.confirm(code, name.trim() || undefined)
      const { recoveryCodes } = await orBeginAgain(added, onOver)
      flash(accountTexts.now().app.done)
      newCodes.set(recoveryCodes)
      go(recoveryCodes ? PATHS.recovery : PATHS.methods)
    },
  })
  return (
    <Part title={texts.confirmTitle}>
      <Form form={form} submit={texts.submit}>
        <CodeField {...{ form, name: 'code', label: texts.code, hint: texts.codeHint }} />
        <TextField
          {...{ form, name: 'name', label: texts.name, hint: texts.nameHint }}
          autocomplete="off"
          maxLength={100}
        />
      </Form>
    </Part>
  )
}
