import { useAuth } from '../context.tsx'
import { authTexts } from '../texts/index.ts'
import { Button, flash, useAction } from '../ui/index.ts'

/** Has the code of a challenge mailed once more. */
export function ResendButton({ challenge }: { challenge: string }) {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const { run, isBusy } = useAction(async () => {
    await latchkey.resend(challenge)
    flash(authTexts.now().resent)
  })
  return (
    <Button look="quiet" isBusy={isBusy} onClick={run}>
      {texts.resend}
    </Button>
  )
}
