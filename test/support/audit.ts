import type { AuditProblem } from '../../src/features/audit/verify.ts'
import type { UserId } from '../../src/platform/ids.ts'
import type { TestServer } from './helper.ts'

const DAY = 86_400_000

/** Records some events on each of some days, the last one today. */
export async function recordDays(server: TestServer, days: number, events = 5): Promise<void> {
  for (let day = 0; day < days; day++) {
    if (day > 0) server.clock.advance(DAY / 1000)
    await recordSome(server, events)
  }
}

/** Events of unknown users, which nobody deletes. */
export async function recordSome({ services }: TestServer, events = 5): Promise<void> {
  const { audit } = services
  for (let at = 0; at < events; at++) {
    const device = { ip: '192.0.2.7', userAgent: `Browser ${at}` }
    const userId = `${at}` as UserId
    audit.record({ type: 'sign_in_failed', device, detail: 'unknown_name' })
    audit.record({ type: 'role_changed', userId, actorId: null, detail: 'admin' })
  }
  await audit.written()
}

/** What `verify` finds, in short. */
export async function problemsOf({ services }: TestServer): Promise<string[]> {
  const { isWhole, problems } = await services.audit.verify()
  if (isWhole !== (problems.length === 0)) throw new Error('isWhole contradicts the problems')
  return problems.map(inShort)
}

function inShort({ day, seq, what }: AuditProblem): string {
  return [day ?? 'no day', ...(seq === null ? [] : [seq]), what].join(' ')
}

/** Days since 1970. */
export function dayOf(server: Pick<TestServer, 'clock'>, ago = 0): number {
  return Math.floor(server.clock() / DAY) - ago
}

/** As `verify` writes it. */
export function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10)
}
