import { isLoopback } from './readers.ts'
import { databaseFix, redisFix } from './remote.ts'
import { SECRET_FIX } from './secret-readers.ts'
import type { DraftOf } from './setting.ts'
import type { SettingName, settings } from './settings.ts'
import { sendsPlainHeaders, tracingIssue } from './tracing.ts'

/** `name` is the one that the operator wrote, `fix` what to write instead. */
export type SettingIssue = { readonly name: string; readonly fix: string }

/** Settings that could be read, and whether a setting was given at all. */
export type Given = { draft: DraftOf<typeof settings>; isGiven: (name: SettingName) => boolean }

type Rule = (given: Given) => SettingIssue | undefined

/** Costs of equal strength by the OWASP Password Storage Cheat Sheet. */
export const OWASP_ARGON2ID = [
  { memoryKib: 47_104, time: 1 },
  { memoryKib: 19_456, time: 2 },
  { memoryKib: 12_288, time: 3 },
  { memoryKib: 9216, time: 4 },
  { memoryKib: 7168, time: 5 },
]

const contradictions: Rule[] = [
  ({ draft: { lifetimes } }) =>
    issueIf(
      isAtLeast(lifetimes.accessSeconds, lifetimes.refreshSeconds),
      'ACCESS_TOKEN_TTL',
      'an access token must expire before its refresh token; make it shorter than REFRESH_TOKEN_TTL',
    ),
  ({ draft: { lifetimes } }) =>
    issueIf(
      lifetimes.refreshSeconds !== lifetimes.sessionSeconds &&
        isAtLeast(lifetimes.refreshSeconds, lifetimes.sessionSeconds),
      'REFRESH_TOKEN_TTL',
      'a refresh token cannot outlive its session; make it at most SESSION_MAX_AGE',
    ),
  ({ draft: { argon2 } }) =>
    issueIf(
      argon2.memoryKib !== undefined &&
        argon2.parallelism !== undefined &&
        argon2.memoryKib < 8 * argon2.parallelism,
      'ARGON2_MEMORY_KIB',
      'argon2 needs at least 8 KiB for each lane; raise it, or lower ARGON2_PARALLELISM',
    ),
  ({ draft: { database, migrations } }) =>
    issueIf(
      migrations.foreignKeys === false && database?.kind === 'sqlite',
      'FOREIGN_KEYS',
      'off is for MySQL; leave it out for SQLite, which always has foreign keys',
    ),
  ({ draft: { metrics, http } }) =>
    issueIf(
      metrics.isOn === true && metrics.port !== undefined && metrics.port === http.port,
      'METRICS_PORT',
      'metrics have a listener of their own; choose another port than PORT',
    ),
  ({ draft: { tracing } }) => tracingIssue(tracing),
]

const productionRules: Rule[] = [
  ({ isGiven }) =>
    issueIf(
      !isGiven('PUBLIC_URL'),
      'PUBLIC_URL',
      'in production it must be set to the address that clients use, such as https://auth.example.org',
    ),
  ({ draft: { http }, isGiven }) =>
    issueIf(
      isGiven('PUBLIC_URL') && http.publicUrl !== undefined && isPlainHttp(http.publicUrl.origin),
      'PUBLIC_URL',
      'in production it must be https, unless its host is localhost, 127.0.0.1 or [::1]',
    ),
  ({ draft: { corsOrigins = [] } }) =>
    issueIf(
      corsOrigins.some(isPlainHttp),
      'CORS_ORIGINS',
      'in production every origin must be https, unless its host is localhost, 127.0.0.1 or [::1]',
    ),
  ({ draft: { factors } }) =>
    issueIf(
      factors.webauthnOrigins?.some(isPlainHttp) === true,
      'WEBAUTHN_ORIGINS',
      'in production every origin must be https, unless its host is localhost, 127.0.0.1 or [::1]',
    ),
  ({ isGiven }) =>
    issueIf(
      !isGiven('SECRET'),
      'SECRET',
      `in production it must be set, here or in a file that SECRET_FILE names; ${SECRET_FIX}`,
    ),
  ({ draft: { database } }) => issueOf('DATABASE_URL', database && databaseFix(database)),
  ({ draft: { redis } }) => issueOf('REDIS_URL', redis && redisFix(redis)),
  ({ draft: { mail }, isGiven }) =>
    issueIf(
      mail.smtp !== undefined && !isGiven('MAIL_FROM'),
      'MAIL_FROM',
      'in production it must be set along with SMTP_URL, to an address that your relay sends for, such as no-reply@example.org',
    ),
  ({ draft: { mail } }) =>
    issueIf(
      mail.verification === 'required' && mail.smtp === undefined,
      'EMAIL_VERIFICATION',
      'required needs mails: set SMTP_URL, or nobody could finish a registration; or write optional',
    ),
  ({ draft: { mail } }) =>
    issueIf(
      mail.links !== undefined && isPlainHttp(mail.links.origin),
      'MAIL_LINKS',
      'in production it must be https, unless its host is localhost, 127.0.0.1 or [::1]: the links hold codes',
    ),
  ({ draft: { returnUrls = [] } }) =>
    issueIf(
      returnUrls.some((address) => address.startsWith('http://localhost')),
      'RETURN_URLS',
      'in production a name is not enough for http: write http://127.0.0.1 or http://[::1], where every port is allowed',
    ),
  ({ draft: { breachedPasswords } }) =>
    issueIf(
      breachedPasswords?.kind === 'ranges' && breachedPasswords.address.startsWith('http:'),
      'BREACHED_PASSWORDS',
      'in production it must be https, such as https://api.pwnedpasswords.com',
    ),
  ({ draft: { tracing } }) =>
    issueIf(
      sendsPlainHeaders(tracing),
      'OTEL_EXPORTER_OTLP_HEADERS',
      'in production headers, which may hold a token, need an https endpoint, unless its host is this machine',
    ),
  ({ draft: { rateLimits } }) =>
    issueIf(rateLimits === false, 'RATE_LIMITS', 'off is for load tests; write on in production'),
  ({ draft: { argon2 } }) =>
    issueIf(
      isWeakHash(argon2),
      'ARGON2_MEMORY_KIB',
      'it is too weak for production together with ARGON2_TIME; write at least 19456 with time 2, or 47104 with 1, 12288 with 3, 9216 with 4, 7168 with 5',
    ),
]

/** Issues of settings that are valid alone, but not together or not in production. */
export function issuesAmong(given: Given): SettingIssue[] {
  const rules = given.draft.production ? [...contradictions, ...productionRules] : contradictions
  return rules.map((rule) => rule(given)).filter((issue) => issue !== undefined)
}

function issueIf(isInvalid: boolean, name: SettingName, fix: string): SettingIssue | undefined {
  return isInvalid ? { name, fix } : undefined
}

function issueOf(name: SettingName, fix: string | undefined): SettingIssue | undefined {
  return fix === undefined ? undefined : { name, fix }
}

function isAtLeast(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one >= other
}

function isPlainHttp(address: string): boolean {
  return address.startsWith('http:') && !isLoopback(new URL(address).hostname)
}

function isWeakHash({ memoryKib, time }: Given['draft']['argon2']): boolean {
  if (memoryKib === undefined || time === undefined) return false
  return !OWASP_ARGON2ID.some((least) => memoryKib >= least.memoryKib && time >= least.time)
}
