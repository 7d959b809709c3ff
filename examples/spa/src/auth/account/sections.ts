import { PATHS } from '../paths.ts'
import type { IconName } from '../ui/index.ts'
import type { en } from './texts/en.ts'

type Section = { name: keyof (typeof en)['pages']; path: string; icon: IconName }

/** The account pages, in the order of the navigation. */
export const SECTIONS: Section[] = [
  { name: 'profile', path: PATHS.profile, icon: 'user' },
  { name: 'email', path: PATHS.email, icon: 'mail' },
  { name: 'password', path: PATHS.password, icon: 'key' },
  { name: 'methods', path: PATHS.methods, icon: 'shield' },
  { name: 'recovery', path: PATHS.recovery, icon: 'paper' },
  { name: 'sessions', path: PATHS.sessions, icon: 'laptop' },
  { name: 'activity', path: PATHS.activity, icon: 'clock' },
  { name: 'data', path: PATHS.data, icon: 'download' },
]
