import { resourceSchemas } from '../../http/resource-schemas.ts'
import { NoteId, NoteView, whole } from './note.ts'

export const noteSchemas = resourceSchemas({
  ...{ tag: 'Notes', noun: 'note', id: NoteId, view: NoteView, columns: whole },
  defaults: 'A body or tags that you leave out become empty.',
  says: {
    create: 'A user may have at most 10,000 notes.',
    read: 'Nobody but its owner can read a note: to all others it is `not_found`.',
  },
})
