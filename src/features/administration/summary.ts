import type { AuditType } from '../../contract/audit-type.ts'
import type { Clock } from '../../platform/clock.ts'
import { lookOnce } from '../../platform/look-once.ts'
import type { Audit } from '../audit/service.ts'
import type { Mail } from '../mail/service.ts'
import type { Sessions } from '../sessions/service.ts'
import type { Revocations } from '../tokens/revocations.ts'
import type { UserCounts } from '../users/user-counts.ts'
import type { SummaryView } from './report-schemas.ts'

/** How long a summary is shown again: it counts all accounts and sessions. */
const KEEP_MS = 30_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const SIGN_INS: readonly AuditType[] = ['signed_in']
const FAILURES: readonly AuditType[] = ['sign_in_failed', 'second_factor_failed']

type Hour = SummaryView['last24Hours']['hours'][number]

export type Summary = ReturnType<typeof createSummary>
type Dependencies = {
  audit: Pick<Audit, 'countBetween'>
  clock: Clock
  userCounts: UserCounts
  sessions: Pick<Sessions, 'countAllLive'>
  revocations: Pick<Revocations, 'lagSeconds'>
  mail: Pick<Mail, 'isOn' | 'figures'>
}

/** Figures of the whole service, made once in half a minute at most, however many ask. */
export function createSummary(dependencies: Dependencies) {
  const { audit, clock, userCounts, sessions, revocations, mail } = dependencies
  async function make(): Promise<SummaryView> {
    const now = clock()
    const hours = await hoursBefore(now)
    const { waiting, oldestSeconds } = await mail.figures()
    return {
      at: new Date(now).toISOString(),
      users: await userCounts.count(),
      sessions: { live: await sessions.countAllLive() },
      last24Hours: { signIns: sumOf(hours, 'signIns'), failures: sumOf(hours, 'failures'), hours },
      revocationLagSeconds: revocations.lagSeconds(),
      mail: { isOn: mail.isOn, waiting, oldestSeconds },
    }
  }

  /** Sign-ins and failures by the hour, oldest first, as the audit log has them. */
  async function hoursBefore(now: number): Promise<Hour[]> {
    const hours: Hour[] = []
    for (let start = now - DAY_MS; start < now; start += HOUR_MS) hours.push(await hourFrom(start))
    return hours
  }

  /** A statement for each hour, so that none is long; this very moment belongs to the last. */
  async function hourFrom(start: number): Promise<Hour> {
    const [from, to] = [start + 1, start + HOUR_MS + 1]
    const counts = await audit.countBetween([...SIGN_INS, ...FAILURES], from, to)
    const countOf = (types: readonly AuditType[]) =>
      types.reduce((sum, type) => sum + (counts.get(type) ?? 0), 0)
    return {
      at: new Date(start).toISOString(),
      signIns: countOf(SIGN_INS),
      failures: countOf(FAILURES),
    }
  }

  return { read: lookOnce(make, { keepMs: KEEP_MS, now: clock }) }
}

function sumOf(hours: readonly Hour[], name: 'signIns' | 'failures'): number {
  return hours.reduce((sum, hour) => sum + hour[name], 0)
}
