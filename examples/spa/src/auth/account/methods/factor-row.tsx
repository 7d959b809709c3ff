import type { Factor, FactorList } from '@latchkey/client'
import { useState } from 'preact/hooks'
import { useAuth } from '../../context.tsx'
import { Button, ConfirmDialog, flash, type Load, useAction, useFormat } from '../../ui/index.ts'
import { unlessGone } from '../gone.ts'
import { accountTexts } from '../texts/index.ts'
import { tellRemoval } from './last-credential.tsx'
import { RenameDialog } from './rename-dialog.tsx'

type Props = {
  factor: Factor
  load: Load<FactorList>
  /** Whether the account has no other factor. */
  isLast: boolean
}

/** A passkey or an app: what it is called, when it was used, and ways to change that. */
export function FactorRow({ factor, load, isLast }: Props) {
  const texts = accountTexts.use()
  const { name, kind, usable, backedUp } = factor
  const unnamed = kind === 'totp' ? texts.methods.unnamedApp : texts.methods.unnamedPasskey
  const [open, setOpen] = useState<'rename' | 'remove'>()
  const close = () => setOpen(undefined)
  return (
    <li>
      <div>
        <p class="row-name">
          {name ? <span translate={false}>{name}</span> : unnamed}
          {backedUp && <span class="badge badge-soft">{texts.methods.isSynced}</span>}
          {!usable && <span class="badge badge-warn">{texts.methods.isUnusable}</span>}
        </p>
        <Times factor={factor} />
      </div>
      <div class="row">
        <Button look="quiet" onClick={() => setOpen('rename')}>
          {texts.rename}
        </Button>
        <Button look="quiet" onClick={() => setOpen('remove')}>
          {texts.remove}
        </Button>
      </div>
      {open === 'rename' && <RenameDialog {...{ factor, close }} onRenamed={load.reload} />}
      {open === 'remove' && <RemoveDialog {...{ factor, isLast, close }} onRemoved={load.reload} />}
    </li>
  )
}

/** When something was added, and when it was last used. */
export function Times({
  factor: { createdAt, lastUsedAt },
}: {
  factor: Pick<Factor, 'createdAt' | 'lastUsedAt'>
}) {
  const texts = accountTexts.use()
  const format = useFormat()
  return (
    <p class="row-facts">
      <time dateTime={createdAt}>{texts.methods.added(format.date(createdAt))}</time>
      {lastUsedAt ? (
        <time dateTime={lastUsedAt}>{texts.methods.used(format.ago(lastUsedAt))}</time>
      ) : (
        <span>{texts.never}</span>
      )}
    </p>
  )
}

type DialogProps = Pick<Props, 'factor' | 'isLast'> & {
  close: () => void
  onRemoved: () => unknown
}

function RemoveDialog({ factor: { id, kind }, isLast, close, onRemoved }: DialogProps) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use()
  const { methods } = texts
  const isApp = kind === 'totp'
  async function remove(): Promise<void> {
    if (isApp) return latchkey.factors.remove(id)
    const { removePasskey } = await import('@latchkey/client/passkeys')
    await removePasskey(latchkey, id)
  }
  const { run, isBusy } = useAction(
    async () => {
      await remove().catch(unlessGone)
      const { removedApp, removedPasskey } = accountTexts.now().methods
      flash(isApp ? removedApp : removedPasskey)
      close()
      await onRemoved()
    },
    (error) => {
      close()
      tellRemoval(error)
    },
  )
  return (
    <ConfirmDialog
      title={isApp ? methods.removeAppTitle : methods.removePasskeyTitle}
      confirm={texts.remove}
      isBusy={isBusy}
      onConfirm={run}
      onClose={close}
    >
      <p>{isApp ? methods.removeAppLead : methods.removePasskeyLead}</p>
      {isLast && <p>{methods.lastFactorLead}</p>}
    </ConfirmDialog>
  )
}
