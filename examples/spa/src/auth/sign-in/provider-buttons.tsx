import { type Provider, providers, signInWith } from '@latchkey/client/providers'
import { useAuth } from '../context.tsx'
import { pathAfterSignIn } from '../paths.ts'
import { authTexts } from '../texts/index.ts'
import { Button, useAction, useLoad } from '../ui/index.ts'
import { keep } from './kept.ts'

type Props = {
  /** Whether a word stands between them and what is above. */
  hasDivider?: boolean
  /** Of a new account. */
  username?: string
}

/** A button for each provider of the server; nothing where it has none. */
export function ProviderButtons({ hasDivider = false, username = '' }: Props) {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const { data = [] } = useLoad(() => providers(latchkey), [latchkey])
  if (data.length === 0) return null
  return (
    <div class="stack stack-tight">
      {hasDivider && <p class="divider">{texts.or}</p>}
      {data.map((provider) => (
        <ProviderButton key={provider.id} {...{ provider, username }} />
      ))}
    </div>
  )
}

function ProviderButton({ provider, username }: { provider: Provider; username: string }) {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const { run, isBusy } = useAction(async () => {
    keep({ username: username.trim(), next: pathAfterSignIn() })
    await signInWith(latchkey, provider.id)
  })
  return (
    <Button icon="globe" isBusy={isBusy} onClick={run}>
      {texts.continueWith(provider.name)}
    </Button>
  )
}
