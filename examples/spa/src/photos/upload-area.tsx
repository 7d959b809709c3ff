import { LatchkeyError } from '@latchkey/client'
import { useRef } from 'preact/hooks'
import { Button, IconButton, messageOf, useFormat, useStore } from '../auth/index.ts'
import { photoTexts } from '../texts/photos.ts'
import { PHOTO_TYPES, TooLarge } from './photo-api.ts'
import type { createUploads, Upload } from './uploads.ts'

type Uploads = ReturnType<typeof createUploads>

/** Takes files by a button or by dropping, and shows how far they are. */
export function UploadArea({ uploads }: { uploads: Uploads }) {
  const texts = photoTexts.use()
  const input = useRef<HTMLInputElement>(null)
  const list = useStore(uploads.store)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same
    <div
      class="upload-area"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        uploads.add(event.dataTransfer?.files ?? [])
      }}
    >
      <input
        ref={input}
        type="file"
        class="visually-hidden"
        aria-hidden="true"
        tabIndex={-1}
        accept={PHOTO_TYPES}
        multiple
        onChange={({ currentTarget }) => {
          uploads.add(currentTarget.files ?? [])
          // The same file may be chosen again.
          currentTarget.value = ''
        }}
      />
      <div class="row">
        <Button icon="upload" onClick={() => input.current?.click()}>
          {texts.add}
        </Button>
        <p class="small">{texts.dropHint}</p>
      </div>
      {list.length > 0 && (
        <ul class="uploads" aria-label={texts.uploads}>
          {list.map((upload) => (
            <Row key={upload.id} upload={upload} uploads={uploads} />
          ))}
        </ul>
      )}
    </div>
  )
}

function Row({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const texts = photoTexts.use()
  const { size } = useFormat()
  const { id, file, state, share, error } = upload
  return (
    <li>
      <p class="upload-name">
        <span translate={false}>{file.name}</span>{' '}
        <small translate={false}>{size(file.size)}</small>
      </p>
      <IconButton icon="close" label={texts.cancel(file.name)} onClick={() => uploads.cancel(id)} />
      {state === 'failed' ? (
        <div class="upload-state">
          <p class="error" role="alert">
            {reasonOf(error)}
          </p>
          {mayRepeat(error) && <Button onClick={() => uploads.repeat(id)}>{texts.again}</Button>}
        </div>
      ) : (
        <div class="upload-state">
          <progress value={share} max={1} aria-label={file.name} />
          <small>{stateOf(upload)}</small>
        </div>
      )}
    </li>
  )
}

function stateOf({ state, share }: Upload): string {
  const texts = photoTexts.now()
  if (state === 'waiting') return texts.waiting
  return share < 1 ? texts.sent(Math.round(share * 100)) : texts.checking
}

/** A photo has no key: whether it has arrived, only the gallery shows. */
function reasonOf(error: unknown): string {
  const texts = photoTexts.now()
  if (error instanceof TooLarge) return texts.tooLarge
  return error instanceof LatchkeyError ? messageOf(error) : texts.noAnswer
}

/** Whether the same file may be taken another time. */
function mayRepeat(error: unknown): boolean {
  if (error instanceof TooLarge) return false
  return !(error instanceof LatchkeyError) || error.problem.action === 'retry'
}
