import { useLocation, useRoute } from 'preact-iso'
import { ButtonLink, flash, Loaded, Page, SignedIn, Skeleton, useLoad } from '../auth/index.ts'
import { Photos } from '../photos/photos.tsx'
import { Changed } from '../resources/changed.tsx'
import { DeleteButton } from '../resources/delete-button.tsx'
import { MissingOr } from '../resources/missing.tsx'
import { houseTexts } from '../texts/houses.ts'
import { resourceTexts } from '../texts/resources.ts'
import { deleteHouse, type House, mayChange, readHouse } from './houses.ts'

/** One house with its photos. */
export function HousePage() {
  return (
    <SignedIn>
      <OneHouse />
    </SignedIn>
  )
}

function OneHouse() {
  const texts = houseTexts.use()
  const { id = '' } = useRoute().params
  const load = useLoad(() => readHouse(id), [id])
  if (load.data) return <Shown house={load.data} reload={load.reload} />
  return (
    <MissingOr error={load.error}>
      <Page title={texts.title}>
        <Loaded load={load} skeleton={<Skeleton lines={6} />}>
          {() => null}
        </Loaded>
      </Page>
    </MissingOr>
  )
}

function Shown({ house, reload }: { house: House; reload: () => Promise<void> }) {
  const texts = houseTexts.use()
  const { fields, noAddress } = texts
  const isMine = mayChange(house)
  return (
    <Page
      title={house.projectName}
      isWritten
      up={{ path: '/houses', title: texts.all }}
      actions={isMine && <Actions house={house} reload={reload} />}
    >
      <div class="card">
        <dl class="facts">
          <dt>{fields.projectNo}</dt>
          <dd translate={false}>{house.projectNo}</dd>
          <dt>{fields.projectAddress}</dt>
          <dd>
            {house.projectAddress ? (
              <span translate={false}>{house.projectAddress}</span>
            ) : (
              noAddress
            )}
          </dd>
        </dl>
        <Changed resource={house} />
      </div>
      <Photos house={house} mayChange={isMine} />
    </Page>
  )
}

function Actions({ house, reload }: { house: House; reload: () => Promise<void> }) {
  const texts = houseTexts.use()
  const common = resourceTexts.use()
  const { route } = useLocation()

  function onDeleted(): void {
    flash(texts.deleted)
    route('/houses', true)
  }

  function onChanged(): void {
    flash(common.deleteConflict, 'bad')
    void reload()
  }

  return (
    <>
      <ButtonLink href={`/houses/${house.id}/edit`} icon="edit">
        {common.edit}
      </ButtonLink>
      <DeleteButton
        title={texts.deleteTitle}
        lead={texts.deleteLead}
        remove={() => deleteHouse(house)}
        {...{ onDeleted, onChanged }}
      />
    </>
  )
}
