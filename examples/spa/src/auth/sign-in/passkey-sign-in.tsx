import { useEffect } from 'preact/hooks'
import { useAuth } from '../context.tsx'
import { authTexts } from '../texts/index.ts'
import { Button, flash, messageOf, useAction } from '../ui/index.ts'

/** Signs in with a passkey alone; also offers them in the field for the name. */
export function PasskeySignIn() {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  useOffer()
  const { run, isBusy } = useAction(async () => {
    const { signInWithPasskey } = await import('@latchkey/client/passkeys')
    await signInWithPasskey(latchkey)
  })
  if (!('PublicKeyCredential' in window)) return null
  return (
    <Button icon="passkey" isBusy={isBusy} onClick={run}>
      {texts.signInWithPasskey}
    </Button>
  )
}

/** The browser suggests passkeys in the field with `autocomplete="username webauthn"`. */
function useOffer(): void {
  const { latchkey } = useAuth()
  useEffect(() => {
    const leaving = new AbortController()
    const onError = (error: unknown) => flash(messageOf(error), 'bad')
    const options = { conditional: true, signal: leaving.signal, onError }
    import('@latchkey/client/passkeys')
      .then(({ signInWithPasskey }) => signInWithPasskey(latchkey, options))
      // The button beside it says what is wrong.
      .catch(() => undefined)
    return () => leaving.abort()
  }, [latchkey])
}
