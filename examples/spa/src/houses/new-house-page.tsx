import { useLocation } from 'preact-iso'
import { ButtonLink, Form, flash, Page, SignedIn } from '../auth/index.ts'
import { RestoredNotice } from '../resources/restored.tsx'
import { useDraftForm } from '../resources/use-draft-form.ts'
import { houseTexts } from '../texts/houses.ts'
import { resourceTexts } from '../texts/resources.ts'
import { bodyOfHouse, HouseFields, type HouseValues, NO_HOUSE } from './house-fields.tsx'
import { createHouse } from './houses.ts'

/** Adds a house; its photos follow on its own page. */
export function NewHousePage() {
  return (
    <SignedIn>
      <NewHouse />
    </SignedIn>
  )
}

function NewHouse() {
  const texts = houseTexts.use()
  const common = resourceTexts.use()
  const { route } = useLocation()
  const { form, isRestored, discard } = useDraftForm<HouseValues>({
    name: 'new house',
    clean: () => ({ version: 0, values: NO_HOUSE }),
    required: ['projectNo', 'projectName'],
    async submit(values, { key }) {
      const { id } = await createHouse(bodyOfHouse(values), key)
      flash(texts.created)
      route(`/houses/${id}`, true)
      return true
    },
  })
  return (
    <Page title={texts.add}>
      {isRestored && <RestoredNotice onDiscard={discard} />}
      <div class="card form-card">
        <Form
          form={form}
          submit={common.save}
          actions={<ButtonLink href="/houses">{common.cancel}</ButtonLink>}
        >
          <HouseFields form={form} />
        </Form>
      </div>
    </Page>
  )
}
