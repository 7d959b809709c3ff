import { accountsFeature } from './features/accounts/feature.ts'
import { activityFeature } from './features/activity/feature.ts'
import { adminPageFeature } from './features/admin-page/feature.ts'
import { administrationFeature } from './features/administration/feature.ts'
import { auditFeature } from './features/audit/feature.ts'
import { challengesFeature } from './features/challenges/feature.ts'
import { clientFeature } from './features/client/feature.ts'
import { emailFeature } from './features/email/feature.ts'
import { factorSettingsFeature } from './features/factor-settings/feature.ts'
import { factorsFeature } from './features/factors/feature.ts'
import { healthFeature } from './features/health/feature.ts'
import { housesFeature } from './features/houses/feature.ts'
import { idempotencyFeature } from './features/idempotency/feature.ts'
import { identitiesFeature } from './features/identities/feature.ts'
import { invitationsFeature } from './features/invitations/feature.ts'
import { keysFeature } from './features/keys/feature.ts'
import { lockoutFeature } from './features/lockout/feature.ts'
import { mailFeature } from './features/mail/feature.ts'
import { mailPageFeature } from './features/mail-page/feature.ts'
import { notesFeature } from './features/notes/feature.ts'
import { passwordFeature } from './features/password/feature.ts'
import { photosFeature } from './features/photos/feature.ts'
import { problemsFeature } from './features/problems/feature.ts'
import { providersFeature } from './features/providers/feature.ts'
import { recoveryFeature } from './features/recovery/feature.ts'
import { sessionsFeature } from './features/sessions/feature.ts'
import { signInFeature } from './features/sign-in/feature.ts'
import { stepUpFeature } from './features/step-up/feature.ts'
import { tokensFeature } from './features/tokens/feature.ts'
import { usersFeature } from './features/users/feature.ts'

/**
 * Every feature, in the order of the reference. Yours is a folder in `src/features/` and a line
 * here (docs/your-own-resource.md).
 */
export const FEATURES = [
  auditFeature,
  usersFeature,
  accountsFeature,
  activityFeature,
  passwordFeature,
  lockoutFeature,
  factorsFeature,
  identitiesFeature,
  signInFeature,
  stepUpFeature,
  tokensFeature,
  sessionsFeature,
  idempotencyFeature,
  notesFeature,
  challengesFeature,
  recoveryFeature,
  invitationsFeature,
  emailFeature,
  factorSettingsFeature,
  providersFeature,
  administrationFeature,
  adminPageFeature,
  housesFeature,
  photosFeature,
  keysFeature,
  problemsFeature,
  mailFeature,
  mailPageFeature,
  clientFeature,
  healthFeature,
] as const
