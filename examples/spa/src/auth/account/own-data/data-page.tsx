import { PATHS } from '../../paths.ts'
import { ButtonLink } from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { accountTexts } from '../texts/index.ts'
import { ExportPart } from './export-part.tsx'

/** Take the data away, or have them deleted. */
export function DataPage() {
  const { pages, data } = accountTexts.use()
  return (
    <AccountPage title={pages.data.title}>
      <ExportPart />
      <Part title={data.deleteTitle}>
        <p>{data.deleteLead}</p>
        <div class="row">
          <ButtonLink href={PATHS.remove} look="danger">
            {data.toDelete}
          </ButtonLink>
        </div>
      </Part>
    </AccountPage>
  )
}
