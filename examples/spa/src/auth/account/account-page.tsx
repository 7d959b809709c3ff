import type { ComponentChildren } from 'preact'
import { SignedIn } from '../guards.tsx'
import { PATHS } from '../paths.ts'
import { authTexts } from '../texts/index.ts'
import { Icon, Page } from '../ui/index.ts'
import { SECTIONS } from './sections.ts'
import { accountTexts } from './texts/index.ts'
import './account.css'

type Props = {
  title: string
  lead?: string
  actions?: ComponentChildren
  /** The page that leads here; by default that of all account pages. */
  up?: { path: string; title: string }
  children: ComponentChildren
}

/** One of the account pages: the others beside it, or on small screens the way back to them. */
export function AccountPage({ title, lead, actions, up, children }: Props) {
  const texts = accountTexts.use()
  const { back: toAbove } = authTexts.use()
  const back = up ?? { path: PATHS.account, title: texts.back }
  return (
    <SignedIn>
      <div class="account">
        <nav class={up ? 'account-up account-up-always' : 'account-up'} aria-label={toAbove}>
          <a href={back.path}>
            <Icon name="arrowLeft" />
            {back.title}
          </a>
        </nav>
        <Navigation />
        <Page title={title} lead={lead} actions={actions}>
          {children}
        </Page>
      </div>
    </SignedIn>
  )
}

function Navigation() {
  const texts = accountTexts.use()
  const here = location.pathname
  return (
    <nav class="account-nav" aria-label={texts.navigation}>
      {SECTIONS.map(({ name, path, icon }) => (
        <a key={path} href={path} aria-current={here === path ? 'page' : undefined}>
          <Icon name={icon} />
          {texts.pages[name].title}
        </a>
      ))}
    </nav>
  )
}

/** A part of such a page, with a title. */
export function Part({
  title,
  badge,
  children,
}: {
  title: string
  badge?: ComponentChildren
  children: ComponentChildren
}) {
  return (
    <section class="card">
      <div class="row">
        <h2>{title}</h2>
        {badge}
      </div>
      {children}
    </section>
  )
}
