import type { components } from '@latchkey/client'
import { useState } from 'preact/hooks'
import { useAuth } from '../../context.tsx'
import { authTexts } from '../../texts/index.ts'
import {
  Button,
  ConfirmDialog,
  flash,
  Loaded,
  useAction,
  useFormat,
  useLoad,
} from '../../ui/index.ts'
import { AccountPage } from '../account-page.tsx'
import { unlessGone } from '../gone.ts'
import { accountTexts } from '../texts/index.ts'
import { deviceName } from './device.ts'
import { useFresh } from './use-fresh.ts'

type Session = components['schemas']['SessionInfo']

/** Where somebody is signed in. */
export function SessionsPage() {
  const { pages, sessions } = accountTexts.use()
  return (
    <AccountPage title={pages.sessions.title} lead={sessions.lead}>
      <Sessions />
    </AccountPage>
  )
}

function Sessions() {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().sessions
  const load = useLoad(
    async () => (await latchkey.call<{ items: Session[] }>('GET /sessions')).items,
    [latchkey],
  )
  useFresh(load.reload)
  return (
    <Loaded load={load}>
      {(sessions) => {
        const mine = sessions.filter(({ current }) => current)
        const others = sessions.filter(({ current }) => !current)
        return (
          <>
            {others.length > 0 && <EndOthers onEnded={() => load.set(mine)} />}
            <ul class="list">
              {[...mine, ...others].map((session) => (
                <SessionRow
                  key={session.id}
                  session={session}
                  onEnded={() => load.set(sessions.filter((other) => other !== session))}
                />
              ))}
            </ul>
            {others.length === 0 && <p class="small">{texts.alone}</p>}
          </>
        )
      }}
    </Loaded>
  )
}

function SessionRow({ session, onEnded }: { session: Session; onEnded: () => void }) {
  const texts = accountTexts.use().sessions
  const format = useFormat()
  const { current, createdAt, lastUsedAt, ip, userAgent } = session
  return (
    <li>
      <div>
        <p class="row-name">
          <span translate={false} title={userAgent ?? undefined}>
            {deviceName(userAgent)}
          </span>
          {current && <span class="badge">{texts.current}</span>}
        </p>
        <p class="row-facts">
          <time dateTime={lastUsedAt}>{texts.used(format.ago(lastUsedAt))}</time>
          <time dateTime={createdAt}>{texts.since(format.dateTime(createdAt))}</time>
          {ip && <span>{texts.network(ip)}</span>}
        </p>
      </div>
      {current ? <SignOutHere /> : <EndButton {...{ session, onEnded }} />}
    </li>
  )
}

function SignOutHere() {
  const { latchkey } = useAuth()
  const { signOut } = authTexts.use()
  const { run, isBusy } = useAction(() => latchkey.signOut())
  return (
    <Button look="quiet" isBusy={isBusy} onClick={run}>
      {signOut}
    </Button>
  )
}

function EndButton({ session, onEnded }: { session: Session; onEnded: () => void }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().sessions
  const device = deviceName(session.userAgent)
  const { run, isBusy } = useAction(async () => {
    await latchkey.call(`DELETE /sessions/${session.id}`).catch(unlessGone)
    flash(accountTexts.now().sessions.ended(device))
    onEnded()
  })
  return (
    <Button isBusy={isBusy} onClick={run} aria-label={texts.endNamed(device)}>
      {texts.end}
    </Button>
  )
}

function EndOthers({ onEnded }: { onEnded: () => void }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().sessions
  const [isAsking, ask] = useState(false)
  const { run, isBusy } = useAction(async () => {
    const { ended } = await latchkey.call<{ ended: number }>('DELETE /sessions')
    ask(false)
    flash(accountTexts.now().sessions.endedOthers(ended))
    onEnded()
  })
  return (
    <div class="row">
      <Button look="danger" icon="signOut" onClick={() => ask(true)}>
        {texts.endOthers}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={texts.endOthersTitle}
          confirm={texts.endOthers}
          isBusy={isBusy}
          onConfirm={run}
          onClose={() => ask(false)}
        >
          <p>{texts.endOthersLead}</p>
        </ConfirmDialog>
      )}
    </div>
  )
}
