import type { ComponentType } from 'preact'
import { DashboardPage } from '../dashboard/dashboard-page.tsx'
import { EditHousePage } from '../houses/edit-house-page.tsx'
import { HouseListPage } from '../houses/house-list-page.tsx'
import { HousePage } from '../houses/house-page.tsx'
import { NewHousePage } from '../houses/new-house-page.tsx'
import { EditNotePage } from '../notes/edit-note-page.tsx'
import { NewNotePage } from '../notes/new-note-page.tsx'
import { NoteListPage } from '../notes/note-list-page.tsx'
import { NotePage } from '../notes/note-page.tsx'
import { WelcomePage } from './welcome.tsx'

/** The pages of the application by their paths; those of `auth/` are beside them. */
export const pages: Record<string, ComponentType> = {
  '/': WelcomePage,
  '/dashboard': DashboardPage,
  '/notes': NoteListPage,
  '/notes/new': NewNotePage,
  '/notes/:id': NotePage,
  '/notes/:id/edit': EditNotePage,
  '/houses': HouseListPage,
  '/houses/new': NewHousePage,
  '/houses/:id': HousePage,
  '/houses/:id/edit': EditHousePage,
}
