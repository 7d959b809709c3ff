import { PATHS } from '../auth/index.ts'
import type { en } from '../texts/en.ts'

/** What the header leads to, for people who are signed in. */
export const NAVIGATION: { path: string; text: keyof (typeof en)['nav'] }[] = [
  { path: '/dashboard', text: 'dashboard' },
  { path: '/notes', text: 'notes' },
  { path: '/houses', text: 'houses' },
  { path: PATHS.account, text: 'account' },
]
