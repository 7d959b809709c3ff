import { Page, SignedIn } from '../auth/index.ts'
import { texts } from '../texts/index.ts'

/** The first page after the sign-in. */
export function DashboardPage() {
  const { dashboard } = texts.use()
  return (
    <SignedIn>
      <Page title={dashboard.title} />
    </SignedIn>
  )
}
