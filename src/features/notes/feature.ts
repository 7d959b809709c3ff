import { defineFeature } from '../feature.ts'
import { idempotencyFeature } from '../idempotency/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { notesOf } from './exported.ts'
import { noteRoutes } from './routes.ts'
import { createNotes } from './service.ts'

export const notesFeature = defineFeature({
  name: 'notes',
  needs: [usersFeature, idempotencyFeature, tokensFeature],
  tag: {
    name: 'Notes',
    description: 'The smallest resource, to copy for your own. Each note is private to its owner.',
  },
  isOn: ({ samples }) => samples.notes,
  open: ({ db, dialect, clock, cursors, holdings, idempotency, guard }) => {
    const notes = createNotes({ db, dialect, clock, cursors, holdings, idempotency })
    return {
      services: { notes },
      routes: (app) => app.register(noteRoutes, { notes, guard }),
      removeOwned: notes.removeOwned,
      exported: {
        notes: { description: 'Your notes.', read: (userId) => notesOf(db, userId) },
      },
      dashboard: {
        ...{ name: 'notes', description: 'Notes of the user.', example: 2 },
        count: notes.countOwned,
      },
    }
  },
})
