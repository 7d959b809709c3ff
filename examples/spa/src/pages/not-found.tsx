import { ButtonLink, Page } from '../auth/index.ts'
import { texts } from '../texts/index.ts'

export function NotFoundPage() {
  const { notFound } = texts.use()
  return (
    <Page title={notFound.title} lead={notFound.lead} width="narrow">
      <ButtonLink href="/" look="main">
        {notFound.home}
      </ButtonLink>
    </Page>
  )
}
