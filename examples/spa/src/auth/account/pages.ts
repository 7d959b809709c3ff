import type { ComponentType } from 'preact'
import { PATHS } from '../paths.ts'
import { AddAppPage } from './methods/add-app-page.tsx'
import { MethodsPage } from './methods/methods-page.tsx'
import { OverviewPage } from './overview-page.tsx'
import { DataPage } from './own-data/data-page.tsx'
import { RemovePage } from './own-data/remove-page.tsx'
import { RemovedPage } from './own-data/removed-page.tsx'
import { EmailPage } from './profile/email-page.tsx'
import { PasswordPage } from './profile/password-page.tsx'
import { ProfilePage } from './profile/profile-page.tsx'
import { RecoveryPage } from './recovery/recovery-page.tsx'
import { ActivityPage } from './sessions/activity-page.tsx'
import { SessionsPage } from './sessions/sessions-page.tsx'

/** The account pages: a script of their own, which the first of them loads. */
export const accountPages: Record<string, ComponentType> = {
  [PATHS.account]: OverviewPage,
  [PATHS.profile]: ProfilePage,
  [PATHS.email]: EmailPage,
  [PATHS.password]: PasswordPage,
  [PATHS.methods]: MethodsPage,
  [PATHS.addApp]: AddAppPage,
  [PATHS.recovery]: RecoveryPage,
  [PATHS.sessions]: SessionsPage,
  [PATHS.activity]: ActivityPage,
  [PATHS.data]: DataPage,
  [PATHS.remove]: RemovePage,
  [PATHS.removed]: RemovedPage,
}
