import { type Static, type TObject, Type } from 'typebox'
import { idOf } from '../../contract/ids.ts'
import { strictObject, text, versionFields } from '../../contract/schema.ts'

export const NoteId = idOf<'Note'>('note', '01a1f86c-4e08-7c5d-8f14-2b7d90c3e6a5')
export type NoteId = Static<typeof NoteId>

/** What people write. A new column is a line here, in prisma/schema.prisma and in a migration. */
const columns = {
  title: text(200, { min: 1, description: 'What the note is about.', example: 'Spare keys' }),
  body: text(10_000, {
    hasLines: true,
    description: 'The text, with line breaks.',
    example: 'Garage: second hook.\nCellar: with Ada.',
  }),
  tags: Type.Array(text(32, { min: 1 }), {
    maxItems: 10,
    description: 'Words to find it by.',
    example: ['home', 'keys'],
  }),
}
const { title, body, tags } = columns
export const whole = { title, body: Type.Optional(body), tags: Type.Optional(tags) }

export const NoteView = strictObject(
  { id: NoteId, ...columns, ...versionFields },
  { title: 'Note', description: 'A note, as its owner sees it.' },
)
export type NoteView = Static<typeof NoteView>
export type NoteDraft = Static<TObject<typeof columns>>

/** @returns all that people write, always in the same order */
export function draftOf({ title, body = '', tags = [] }: Static<TObject<typeof whole>>): NoteDraft {
  return { title, body, tags }
}
