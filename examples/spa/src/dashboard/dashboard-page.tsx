import type { components } from '@latchkey/client'
import {
  ButtonLink,
  Icon,
  Loaded,
  PATHS,
  Page,
  SignedIn,
  serverText,
  useFormat,
  useLanguage,
  useLoad,
  VerifyNotice,
} from '../auth/index.ts'
import { latchkey } from '../latchkey.ts'
import { answered } from '../resources/answered.ts'
import { dashboardTexts } from '../texts/dashboard.ts'
import { LatestNotes } from './latest-notes.tsx'
import './dashboard.css'

type Dashboard = components['schemas']['Dashboard']
type User = Dashboard['user']

/** The first page after the sign-in. */
export function DashboardPage() {
  return (
    <SignedIn>
      <Content />
    </SignedIn>
  )
}

function Content() {
  const texts = dashboardTexts.use()
  const language = useLanguage()
  // The server writes the welcome.
  const load = useLoad(() => answered(latchkey.api.GET('/dashboard')), [language])
  return (
    <Page title={texts.title} lead={load.data && serverText(load.data.message)}>
      <Loaded load={load}>
        {(dashboard) => (
          <>
            <Facts dashboard={dashboard} />
            <VerifyNotice />
            <ToDo user={dashboard.user} />
            <div class="dashboard-halves">
              {dashboard.notes !== undefined && <LatestNotes />}
              <Account user={dashboard.user} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** Each number leads to what it counts. A server may have the samples switched off. */
function Facts({ dashboard }: { dashboard: Dashboard }) {
  const { facts } = dashboardTexts.use()
  const { number } = useFormat()
  const all = [
    [facts.notes, dashboard.notes, '/notes', 'paper'],
    [facts.houses, dashboard.houses, '/houses?mine=yes', 'house'],
    [facts.sessions, dashboard.activeSessions, PATHS.sessions, 'laptop'],
  ] as const
  return (
    <ul class="columns dashboard-facts">
      {all.map(
        ([what, count, path, icon]) =>
          count !== undefined && (
            <li key={path}>
              <a class="card" href={path}>
                <Icon name={icon} />
                <strong>{number(count)}</strong>
                <span>{what}</span>
              </a>
            </li>
          ),
      )}
    </ul>
  )
}

/** What makes the account safer. */
function ToDo({ user }: { user: User }) {
  const { toDo } = dashboardTexts.use()
  // One thing after the other.
  if (!user.emailVerified || user.secondFactor) return null
  return (
    <div class="notice notice-row">
      <p>{toDo.protect}</p>
      <ButtonLink href={PATHS.methods} icon="shield">
        {toDo.go}
      </ButtonLink>
    </div>
  )
}

function Account({ user }: { user: User }) {
  const texts = dashboardTexts.use()
  const { date } = useFormat()
  const isSafe = user.secondFactor
  return (
    <section class="card" aria-labelledby="account">
      <h2 id="account">{texts.account}</h2>
      <dl class="facts">
        <dt>{texts.address}</dt>
        <dd>
          <span translate={false}>{user.email}</span>{' '}
          <span class={user.emailVerified ? 'badge' : 'badge badge-warn'}>
            {user.emailVerified ? texts.verified : texts.unverified}
          </span>
        </dd>
        <dt>{texts.secondFactor}</dt>
        <dd>
          <span class={isSafe ? 'badge' : 'badge badge-soft'}>{isSafe ? texts.on : texts.off}</span>
        </dd>
        <dt>{texts.since}</dt>
        <dd>
          <time dateTime={user.createdAt}>{date(user.createdAt)}</time>
        </dd>
      </dl>
      <p>
        <a href={PATHS.account}>{texts.toAccount}</a>
      </p>
    </section>
  )
}
