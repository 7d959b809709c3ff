import { LatchkeyError } from '@latchkey/client'
import { useAuth } from '../../context.tsx'
import { PATHS } from '../../paths.ts'
import { Button, createStore, Dialog, flash, messageOf, useStore } from '../../ui/index.ts'
import { accountTexts } from '../texts/index.ts'

const isRefused = createStore(false)

/** For what removes a way to sign in: the last one has to stay, and people should know why. */
export function tellRemoval(error: unknown): void {
  const isLast = error instanceof LatchkeyError && error.code === 'last_credential'
  if (isLast) isRefused.set(true)
  else flash(messageOf(error), 'bad')
}

/** Why the last way to sign in stays, and what to do first. */
export function LastCredentialDialog() {
  const { go } = useAuth()
  const texts = accountTexts.use().methods
  const close = () => isRefused.set(false)
  if (!useStore(isRefused)) return null
  return (
    <Dialog title={texts.lastTitle} onClose={close}>
      <p>{texts.lastLead}</p>
      <Button
        look="main"
        onClick={() => {
          close()
          go(PATHS.password)
        }}
      >
        {texts.toPassword}
      </Button>
    </Dialog>
  )
}
