import { useLocation, useRoute } from 'preact-iso'
import { ButtonLink, Form, flash, Loaded, Page, SignedIn, useLoad } from '../auth/index.ts'
import { ConflictNotice } from '../resources/conflict.tsx'
import { MissingOr } from '../resources/missing.tsx'
import { RestoredNotice } from '../resources/restored.tsx'
import { useEditor } from '../resources/use-editor.ts'
import { noteTexts } from '../texts/notes.ts'
import { resourceTexts } from '../texts/resources.ts'
import { bodyOfNote, NOTE_POINTERS, NoteFields, valuesOfNote } from './note-fields.tsx'
import { type Note, readNote, saveNote } from './notes.ts'

/** Changes a note, and shows what somebody else has changed meanwhile. */
export function EditNotePage() {
  return (
    <SignedIn>
      <EditNote />
    </SignedIn>
  )
}

function EditNote() {
  const texts = noteTexts.use()
  const { id = '' } = useRoute().params
  const load = useLoad(() => readNote(id), [id])
  return (
    <MissingOr error={load.error}>
      <Page title={texts.edit}>
        <Loaded load={load}>{(note) => <Editor note={note} />}</Loaded>
      </Page>
    </MissingOr>
  )
}

function Editor({ note }: { note: Note }) {
  const texts = noteTexts.use()
  const common = resourceTexts.use()
  const { route } = useLocation()
  const here = `/notes/${note.id}`
  const { form, theirs, isRestored, ...editor } = useEditor({
    resource: note,
    valuesOf: valuesOfNote,
    bodyOf: bodyOfNote,
    required: ['title'],
    pointers: NOTE_POINTERS,
    send: (body, ifMatch) => saveNote(note.id, body, ifMatch),
    read: () => readNote(note.id),
    saved() {
      flash(texts.saved)
      route(here, true)
    },
  })
  const other = theirs && valuesOfNote(theirs)
  const names = ['title', 'body', 'tags'] as const
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
          <NoteFields form={form} />
        </Form>
      </div>
    </>
  )
}
