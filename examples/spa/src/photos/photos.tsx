import { useEffect, useRef, useState } from 'preact/hooks'
import { Empty, flash, Loaded, useLoad } from '../auth/index.ts'
import type { House } from '../houses/houses.ts'
import { photoTexts } from '../texts/photos.ts'
import { Gallery } from './gallery.tsx'
import { addPhoto, listPhotos } from './photo-api.ts'
import { UploadArea } from './upload-area.tsx'
import { createUploads } from './uploads.ts'
import './photos.css'

type Props = { house: House; mayChange: boolean }

/** The photos of a house; those who may change it add and delete them. */
export function Photos({ house, mayChange }: Props) {
  const texts = photoTexts.use()
  const load = useLoad(() => listPhotos(house.id), [house.id])
  const uploads = useUploads(house.id, load.reload)
  const heading = useRef<HTMLHeadingElement>(null)

  /** The button that had the focus is gone with its photo. */
  async function onDeleted(): Promise<void> {
    await load.reload()
    heading.current?.focus()
  }

  return (
    <section class="stack" aria-labelledby="photos">
      <h2 id="photos" ref={heading} tabIndex={-1}>
        {texts.title}
      </h2>
      {mayChange && <UploadArea uploads={uploads} />}
      <Loaded load={load}>
        {(photos) =>
          photos.length === 0 ? (
            <Empty icon="image" title={texts.none} />
          ) : (
            <Gallery {...{ house, photos, mayChange }} onDeleted={() => void onDeleted()} />
          )
        }
      </Loaded>
    </section>
  )
}

/** Uploads to one house; leaving the page ends those that are under way. */
function useUploads(houseId: string, reload: () => Promise<void>) {
  const [uploads] = useState(() =>
    createUploads({
      send: (file, sending) => addPhoto(houseId, file, sending),
      onSent: () => void reload(),
      onIdle: (count) => flash(photoTexts.now().added(count)),
    }),
  )
  useEffect(() => uploads.cancelAll, [])
  return uploads
}
