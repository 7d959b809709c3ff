import { SignedIn } from '../guards.tsx'
import { VerifyNotice } from '../mail/verify-notice.tsx'
import { Icon, Page } from '../ui/index.ts'
import { SECTIONS } from './sections.ts'
import { accountTexts } from './texts/index.ts'
import './account.css'

/** The list of all account pages. */
export function OverviewPage() {
  const texts = accountTexts.use()
  return (
    <SignedIn>
      <Page title={texts.account} lead={texts.lead}>
        <VerifyNotice />
        <ul class="columns account-cards plain-list">
          {SECTIONS.map(({ name, path, icon }) => (
            <li key={path}>
              <a class="card account-card" href={path}>
                <Icon name={icon} />
                <h2>{texts.pages[name].title}</h2>
                <p>{texts.pages[name].about}</p>
              </a>
            </li>
          ))}
        </ul>
      </Page>
    </SignedIn>
  )
}
