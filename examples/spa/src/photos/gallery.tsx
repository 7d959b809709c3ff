import { useState } from 'preact/hooks'
import { ConfirmDialog, Dialog, Failed, flash, IconButton } from '../auth/index.ts'
import type { House } from '../houses/houses.ts'
import { photoTexts } from '../texts/photos.ts'
import { resourceTexts } from '../texts/resources.ts'
import { deletePhoto, type Photo } from './photo-api.ts'
import { PhotoImage } from './photo-image.tsx'

type Props = {
  house: House
  photos: readonly Photo[]
  mayChange: boolean
  onDeleted: () => void
}

/** Small pictures of equal shape; each opens in full. */
export function Gallery({ house, photos, mayChange, onDeleted }: Props) {
  const texts = photoTexts.use()
  const [shown, setShown] = useState<Photo>()
  const [doomed, setDoomed] = useState<Photo>()
  const altOf = (photo: Photo) =>
    texts.alt(photos.indexOf(photo) + 1, photos.length, house.projectName)
  return (
    <>
      <ul class="gallery">
        {photos.map((photo, index) => (
          <li key={photo.id}>
            <button
              type="button"
              class="gallery-photo"
              aria-label={texts.open(index + 1)}
              onClick={() => setShown(photo)}
            >
              <PhotoImage photo={photo} alt={altOf(photo)} />
            </button>
            {mayChange && (
              <IconButton
                icon="trash"
                label={texts.delete(index + 1)}
                onClick={() => setDoomed(photo)}
              />
            )}
          </li>
        ))}
      </ul>
      {shown && (
        <Dialog title={texts.title} onClose={() => setShown(undefined)}>
          <div class="photo-large">
            <PhotoImage photo={shown} alt={altOf(shown)} />
          </div>
        </Dialog>
      )}
      {doomed && (
        <DeletePhoto
          {...{ house, photo: doomed, onDeleted }}
          onClose={() => setDoomed(undefined)}
        />
      )}
    </>
  )
}

type DeleteProps = { house: House; photo: Photo; onDeleted: () => void; onClose: () => void }

function DeletePhoto({ house, photo, onDeleted, onClose }: DeleteProps) {
  const texts = photoTexts.use()
  const common = resourceTexts.use()
  const [isBusy, setIsBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  async function confirm(): Promise<void> {
    setIsBusy(true)
    try {
      await deletePhoto(house.id, photo.id)
      flash(texts.deleted)
      onClose()
      onDeleted()
    } catch (error) {
      setError(error)
      setIsBusy(false)
    }
  }

  return (
    <ConfirmDialog
      title={texts.deleteTitle}
      confirm={common.delete}
      isBusy={isBusy}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>{texts.deleteLead}</p>
      {error !== undefined && <Failed error={error} />}
    </ConfirmDialog>
  )
}
