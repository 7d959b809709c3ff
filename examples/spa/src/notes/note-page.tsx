import { useLocation, useRoute } from 'preact-iso'
import { ButtonLink, flash, Loaded, Page, SignedIn, Skeleton, useLoad } from '../auth/index.ts'
import { Changed } from '../resources/changed.tsx'
import { DeleteButton } from '../resources/delete-button.tsx'
import { MissingOr } from '../resources/missing.tsx'
import { noteTexts } from '../texts/notes.ts'
import { resourceTexts } from '../texts/resources.ts'
import { deleteNote, type Note, readNote } from './notes.ts'
import { Tags } from './tags.tsx'
import '../resources/resources.css'

/** One note, to read. */
export function NotePage() {
  return (
    <SignedIn>
      <OneNote />
    </SignedIn>
  )
}

function OneNote() {
  const texts = noteTexts.use()
  const { id = '' } = useRoute().params
  const load = useLoad(() => readNote(id), [id])
  if (load.data) return <Shown note={load.data} reload={load.reload} />
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

function Shown({ note, reload }: { note: Note; reload: () => Promise<void> }) {
  const texts = noteTexts.use()
  const common = resourceTexts.use()
  const { route } = useLocation()

  function onDeleted(): void {
    flash(texts.deleted)
    route('/notes', true)
  }

  function onChanged(): void {
    flash(common.deleteConflict, 'bad')
    void reload()
  }

  return (
    <Page
      title={note.title}
      isWritten
      up={{ path: '/notes', title: texts.all }}
      actions={
        <>
          <ButtonLink href={`/notes/${note.id}/edit`} icon="edit">
            {common.edit}
          </ButtonLink>
          <DeleteButton
            title={texts.deleteTitle}
            lead={texts.deleteLead}
            remove={() => deleteNote(note)}
            {...{ onDeleted, onChanged }}
          />
        </>
      }
    >
      <Tags tags={note.tags} />
      {note.body && (
        <p class="card prose" translate={false}>
          {note.body}
        </p>
      )}
      <Changed resource={note} />
    </Page>
  )
}
