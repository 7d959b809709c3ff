import type { AuditType } from '../../contract/audit-type.ts'
import type { Actor } from '../../languages/en/activity.ts'
import type { Texts } from '../../languages/en/texts.ts'
import type { AuditRow } from '../audit/reading.ts'

type Told = Pick<AuditRow, 'type' | 'userId' | 'actorId' | 'detail' | 'count'>

/** What may be known beside the type, and where it says more. */
type Details = Texts['activityDetails']
const MORE: Partial<Record<AuditType, Record<string, (details: Details) => string>>> = {
  sign_in_failed: {
    wrong_password: ({ wrongPassword }) => wrongPassword,
    locked: ({ locked }) => locked,
    disabled: ({ disabled }) => disabled,
  },
  session_revoked: { session_limit: ({ sessionLimit }) => sessionLimit },
  password_changed: { first: ({ firstPassword }) => firstPassword },
}

/** The event in plain words; says how often, where the row tells of several events. */
export function messageOf(event: Told, { activity, activityDetails }: Texts): string {
  const messages: Record<AuditType, string | ((who: Actor) => string)> = activity
  const type = event.type as AuditType
  const message = messages[type] ?? activityDetails.unknown
  const text =
    MORE[type]?.[event.detail ?? '']?.(activityDetails) ??
    (typeof message === 'string' ? message : message(whoDid(event)))
  return event.count === 1 ? text : activityDetails.times(text, event.count)
}

function whoDid({ userId, actorId }: Told): Actor {
  if (actorId === null) return 'operator'
  return actorId === userId ? 'owner' : 'administrator'
}
