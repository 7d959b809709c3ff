import type { AddedFactor, FactorList } from '@latchkey/client'
import { useState } from 'preact/hooks'
import { useAuth } from '../../context.tsx'
import { PATHS } from '../../paths.ts'
import { Button, Dialog, Form, flash, type Load, TextField, useForm } from '../../ui/index.ts'
import { Part } from '../account-page.tsx'
import { newCodes } from '../recovery/new-codes.ts'
import { deviceName } from '../sessions/device.ts'
import { accountTexts } from '../texts/index.ts'
import { FactorRow } from './factor-row.tsx'

type Props = { load: Load<FactorList>; factors: FactorList }

/** The passkeys of the account. */
export function PasskeysPart({ load, factors }: Props) {
  const texts = accountTexts.use().methods
  const passkeys = factors.items.filter(({ kind }) => kind === 'passkey')
  const [isAdding, add] = useState(false)
  return (
    <Part title={texts.passkeys}>
      <p>{texts.passkeysLead}</p>
      {passkeys.length === 0 ? (
        <p class="small">{texts.noPasskeys}</p>
      ) : (
        <ul class="list">
          {passkeys.map((factor) => (
            <FactorRow key={factor.id} {...{ factor, load, isLast: factors.items.length === 1 }} />
          ))}
        </ul>
      )}
      {'PublicKeyCredential' in window && (
        <div class="row">
          <Button icon="passkey" onClick={() => add(true)}>
            {texts.addPasskey}
          </Button>
        </div>
      )}
      {isAdding && <AddDialog close={() => add(false)} onAdded={load.reload} />}
    </Part>
  )
}

function AddDialog({ close, onAdded }: { close: () => void; onAdded: () => Promise<void> }) {
  const { go } = useAuth()
  const texts = accountTexts.use().methods
  const addPasskey = useAddPasskey()
  const form = useForm({
    initial: { name: deviceName(navigator.userAgent) },
    async submit({ name }) {
      const added = await addPasskey(name.trim())
      if (!added) return
      flash(accountTexts.now().methods.addedPasskey)
      close()
      if (!added.recoveryCodes) return onAdded()
      newCodes.set(added.recoveryCodes)
      go(PATHS.recovery)
    },
  })
  const hint = texts.passkeyNameHint
  return (
    <Dialog title={texts.addPasskey} onClose={close}>
      <Form form={form} submit={texts.addPasskey} icon="passkey">
        <TextField
          {...{ form, name: 'name', label: texts.passkeyName, hint }}
          autocomplete="off"
          maxLength={100}
        />
      </Form>
    </Dialog>
  )
}

/** @returns a function whose result is undefined where the person did not want to after all */
function useAddPasskey(): (name: string) => Promise<AddedFactor | undefined> {
  const { latchkey } = useAuth()
  return async (name) => {
    const { addPasskey } = await import('@latchkey/client/passkeys')
    try {
      return await addPasskey(latchkey, name ? { name } : {})
    } catch (error) {
      if ((error as Error).name !== 'InvalidStateError') throw error
      flash(accountTexts.now().methods.knownDevice, 'bad')
      return undefined
    }
  }
}
