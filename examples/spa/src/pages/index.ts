import type { ComponentType } from 'preact'
import { DashboardPage } from './dashboard.tsx'
import { WelcomePage } from './welcome.tsx'

/** The pages of the application by their paths; those of `auth/` are beside them. */
export const pages: Record<string, ComponentType> = {
  '/': WelcomePage,
  '/dashboard': DashboardPage,
}
