import type { Identity, Provider } from '@latchkey/client/providers'
import { useState } from 'preact/hooks'
import { useAuth } from '../../context.tsx'
import { Button, ConfirmDialog, flash, Loaded, useAction, useLoad } from '../../ui/index.ts'
import { Part } from '../account-page.tsx'
import { unlessGone } from '../gone.ts'
import { accountTexts } from '../texts/index.ts'
import { Times } from './factor-row.tsx'
import { tellRemoval } from './last-credential.tsx'

/** Accounts at outside providers; nothing where the server has none, and the account neither. */
export function IdentitiesPart() {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().methods
  const load = useLoad(async () => {
    const { identities, providers } = await import('@latchkey/client/providers')
    const [linked, offered] = await Promise.all([identities(latchkey), providers(latchkey)])
    return { linked, offered }
  }, [latchkey])
  if (load.data?.linked.length === 0 && load.data.offered.length === 0) return null
  return (
    <Part title={texts.identities}>
      <p>{texts.identitiesLead}</p>
      <Loaded load={load}>
        {({ linked, offered }) => (
          <>
            {linked.length > 0 && (
              <ul class="list">
                {linked.map((identity) => (
                  <IdentityRow
                    key={identity.id}
                    identity={identity}
                    name={nameOf(identity, offered)}
                    onUnlinked={load.reload}
                  />
                ))}
              </ul>
            )}
            <LinkButtons offered={offered.filter(({ id }) => !isLinked(id, linked))} />
          </>
        )}
      </Loaded>
    </Part>
  )
}

function isLinked(id: string, linked: Identity[]): boolean {
  return linked.some(({ provider }) => provider === id)
}

function nameOf({ provider }: Identity, offered: Provider[]): string {
  return offered.find(({ id }) => id === provider)?.name ?? provider
}

function LinkButtons({ offered }: { offered: Provider[] }) {
  if (offered.length === 0) return null
  return (
    <div class="row">
      {offered.map((provider) => (
        <LinkButton key={provider.id} provider={provider} />
      ))}
    </div>
  )
}

function LinkButton({ provider: { id, name } }: { provider: Provider }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().methods
  const { run, isBusy } = useAction(async () => {
    const { link } = await import('@latchkey/client/providers')
    await link(latchkey, id)
  })
  return (
    <Button icon="globe" isBusy={isBusy} onClick={run}>
      {texts.link(name)}
    </Button>
  )
}

type RowProps = { identity: Identity; name: string; onUnlinked: () => unknown }

function IdentityRow({ identity, name, onUnlinked }: RowProps) {
  const texts = accountTexts.use().methods
  const [isAsking, ask] = useState(false)
  return (
    <li>
      <div>
        <p class="row-name" translate={false}>
          {name}
        </p>
        {identity.email && (
          <p class="row-facts" translate={false}>
            {identity.email}
          </p>
        )}
        <Times factor={identity} />
      </div>
      <Button look="quiet" onClick={() => ask(true)}>
        {texts.unlink}
      </Button>
      {isAsking && <UnlinkDialog {...{ identity, name, onUnlinked }} close={() => ask(false)} />}
    </li>
  )
}

function UnlinkDialog({ identity, name, onUnlinked, close }: RowProps & { close: () => void }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().methods
  const { run, isBusy } = useAction(
    async () => {
      const { unlink } = await import('@latchkey/client/providers')
      await unlink(latchkey, identity.id).catch(unlessGone)
      flash(accountTexts.now().methods.unlinked(name))
      close()
      await onUnlinked()
    },
    (error) => {
      close()
      tellRemoval(error)
    },
  )
  return (
    <ConfirmDialog
      title={texts.unlinkTitle(name)}
      confirm={texts.unlink}
      isBusy={isBusy}
      onConfirm={run}
      onClose={close}
    >
      <p>{texts.unlinkLead}</p>
    </ConfirmDialog>
  )
}
