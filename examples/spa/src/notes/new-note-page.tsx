import { useLocation } from 'preact-iso'
import { ButtonLink, Form, flash, Page, SignedIn } from '../auth/index.ts'
import { RestoredNotice } from '../resources/restored.tsx'
import { useDraftForm } from '../resources/use-draft-form.ts'
import { noteTexts } from '../texts/notes.ts'
import { resourceTexts } from '../texts/resources.ts'
import { bodyOfNote, NO_NOTE, NOTE_POINTERS, NoteFields, type NoteValues } from './note-fields.tsx'
import { createNote } from './notes.ts'

/** Writes a note. */
export function NewNotePage() {
  return (
    <SignedIn>
      <NewNote />
    </SignedIn>
  )
}

function NewNote() {
  const texts = noteTexts.use()
  const common = resourceTexts.use()
  const { route } = useLocation()
  const { form, isRestored, discard } = useDraftForm<NoteValues>({
    name: 'new note',
    clean: () => ({ version: 0, values: NO_NOTE }),
    required: ['title'],
    pointers: NOTE_POINTERS,
    async submit(values, { key }) {
      const { id } = await createNote(bodyOfNote(values), key)
      flash(texts.created)
      route(`/notes/${id}`, true)
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
          actions={<ButtonLink href="/notes">{common.cancel}</ButtonLink>}
        >
          <NoteFields form={form} />
        </Form>
      </div>
    </Page>
  )
}
