import { useLocation, useRoute } from 'preact-iso'
import { ButtonLink, Form, flash, Loaded, Page, SignedIn, useLoad } from '../auth/index.ts'
import { ConflictNotice } from '../resources/conflict.tsx'
import { MissingOr } from '../resources/missing.tsx'
import { RestoredNotice } from '../resources/restored.tsx'
import { useEditor } from '../resources/use-editor.ts'
import { houseTexts } from '../texts/houses.ts'
import { resourceTexts } from '../texts/resources.ts'
import { bodyOfHouse, HouseFields, valuesOfHouse } from './house-fields.tsx'
import { type House, readHouse, saveHouse } from './houses.ts'

/** Changes a house, and shows what somebody else has changed meanwhile. */
export function EditHousePage() {
  return (
    <SignedIn>
      <EditHouse />
    </SignedIn>
  )
}

function EditHouse() {
  const texts = houseTexts.use()
  const { id = '' } = useRoute().params
  const load = useLoad(() => readHouse(id), [id])
  return (
    <MissingOr error={load.error}>
      <Page title={texts.edit}>
        <Loaded load={load}>{(house) => <Editor house={house} />}</Loaded>
      </Page>
    </MissingOr>
  )
}

function Editor({ house }: { house: House }) {
  const texts = houseTexts.use()
  const common = resourceTexts.use()
  const { route } = useLocation()
  const here = `/houses/${house.id}`
  const { form, theirs, isRestored, ...editor } = useEditor({
    resource: house,
    valuesOf: valuesOfHouse,
    bodyOf: bodyOfHouse,
    required: ['projectNo', 'projectName'],
    send: (body, ifMatch) => saveHouse(house.id, body, ifMatch),
    read: () => readHouse(house.id),
    saved() {
      flash(texts.saved)
      route(here, true)
    },
  })
  const other = theirs && valuesOfHouse(theirs)
  const names = ['projectNo', 'projectName', 'projectAddress'] as const
  return (
    <>
      {isRestored && <RestoredNotice onDiscard={editor.discard} />}
      <div class="card form-card">
        <Form
          form={form}
          submit={common.save}
          actions={<ButtonLink href={here}>{common.cancel}</ButtonLink>}
        >
          {other && (
            <ConflictNotice
              isBusy={form.isBusy}
              onKeepMine={editor.keepMine}
              onTakeTheirs={editor.takeTheirs}
              fields={names.map((name) => ({
                label: texts.fields[name],
                mine: form.values[name],
                theirs: other[name],
              }))}
            />
          )}
          <HouseFields form={form} />
        </Form>
      </div>
    </>
  )
}
