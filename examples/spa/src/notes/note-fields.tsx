import { type FormState, TextAreaField, TextField } from '../auth/index.ts'
import { noteTexts } from '../texts/notes.ts'
import type { NoteBody } from './notes.ts'

/** What the form holds: the tags as one text. */
export type NoteValues = { title: string; body: string; tags: string }

const TAGS_MAX = 10

export const NO_NOTE: NoteValues = { title: '', body: '', tags: '' }

/** The server points at each tag; there is one field for all. */
export const NOTE_POINTERS: Record<string, keyof NoteValues> = Object.fromEntries(
  Array.from({ length: TAGS_MAX + 1 }, (_, index) => [`/tags/${index}`, 'tags' as const]),
)

/** What the form shows of a note. */
export function valuesOfNote({ title, body, tags }: NoteBody): NoteValues {
  return { title, body, tags: tags.join(', ') }
}

/** What the API gets of the form: tags once each, of whatever commas people type. */
export function bodyOfNote({ title, body, tags }: NoteValues): NoteBody {
  const words = tags.split(/[,，、]/).map((tag) => tag.trim())
  return { title, body, tags: [...new Set(words.filter((tag) => tag !== ''))] }
}

/** The fields of a note, new or known. */
export function NoteFields({ form }: { form: FormState<NoteValues> }) {
  const { fields, tagsHint } = noteTexts.use()
  return (
    <>
      <TextField form={form} name="title" label={fields.title} maxLength={200} />
      <TextAreaField form={form} name="body" label={fields.body} rows={8} />
      <TextField form={form} name="tags" label={fields.tags} hint={tagsHint} />
    </>
  )
}
