import type { ComponentType } from 'preact'
import { EditNotePage } from '../notes/edit-note-page.tsx'
import { NewNotePage } from '../notes/new-note-page.tsx'
import { NoteListPage } from '../notes/note-list-page.tsx'
import { NotePage } from '../notes/note-page.tsx'
import { DashboardPage } from './dashboard.tsx'
import { WelcomePage } from './welcome.tsx'

/** The pages of the application by their paths; those of `auth/` are beside them. */
export const pages: Record<string, ComponentType> = {
  '/': WelcomePage,
  '/dashboard': DashboardPage,
  '/notes': NoteListPage,
  '/notes/new': NewNotePage,
  '/notes/:id': NotePage,
  '/notes/:id/edit': EditNotePage,
}
