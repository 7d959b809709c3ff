import { useEffect, useState } from 'preact/hooks'
import { latchkey } from '../latchkey.ts'
import { photoTexts } from '../texts/photos.ts'
import type { Photo } from './photo-api.ts'

/** A photo of the API: an `<img>` sends no token, so the client fetches it. */
export function PhotoImage({ photo, alt }: { photo: Photo; alt: string }) {
  const { notShown } = photoTexts.use()
  const [address, setAddress] = useState<string>()
  const [hasFailed, setHasFailed] = useState(false)

  useEffect(() => {
    let isWanted = true
    let made: string | undefined
    latchkey.photoUrl(photo).then(
      (url) => {
        made = url
        if (isWanted) setAddress(url)
        else URL.revokeObjectURL(url)
      },
      () => isWanted && setHasFailed(true),
    )
    return () => {
      isWanted = false
      if (made) URL.revokeObjectURL(made)
    }
  }, [photo.url])

  if (hasFailed) return <span class="photo-missing">{notShown}</span>
  if (!address) return <span class="photo-missing" aria-hidden="true" />
  return <img src={address} alt={alt} width={photo.width} height={photo.height} />
}
