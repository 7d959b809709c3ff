import { PATHS } from '../../paths.ts'
import { authTexts } from '../../texts/index.ts'
import { ButtonLink, Page } from '../../ui/index.ts'
import { accountTexts } from '../texts/index.ts'

/** Goodbye to an account that was deleted. */
export function RemovedPage() {
  const { removal } = accountTexts.use()
  const { toStart } = authTexts.use()
  return (
    <Page title={removal.done} lead={removal.doneLead} width="narrow">
      <div class="row">
        <ButtonLink href="/" look="main">
          {toStart}
        </ButtonLink>
        <ButtonLink href={PATHS.register}>{removal.registerAgain}</ButtonLink>
      </div>
    </Page>
  )
}
