import { isLoopback } from './config-readers.ts'
import { databasePasswordFault, SECRET_CURE } from './config-secrets.ts'
import type { SettingName, SettingValues } from './config-settings.ts'

/** A bad setting: its name as the operator wrote it, and what to write instead. */
export type Fault = { readonly name: string; readonly cure: string }

/** What could be read so far, and which settings were given at all. */
export type Given = { values: Partial<SettingValues>; isGiven: (name: SettingName) => boolean }

type Rule = (given: Given) => Fault | undefined

/** Equal strength by the OWASP Password Storage Cheat Sheet: so much memory needs so many passes. */
export const OWASP_ARGON2ID = [
  { memoryKib: 47_104, time: 1 },
  { memoryKib: 19_456, time: 2 },
  { memoryKib: 12_288, time: 3 },
  { memoryKib: 9216, time: 4 },
  { memoryKib: 7168, time: 5 },
]

const contradictions: Rule[] = [
  ({ values: { ACCESS_TOKEN_TTL: access, REFRESH_TOKEN_TTL: refresh } }) =>
    faultIf(
      isAtLeast(access, refresh),
      'ACCESS_TOKEN_TTL',
      'an access token must end before its refresh token; make it shorter than REFRESH_TOKEN_TTL',
    ),
  ({ values: { REFRESH_TOKEN_TTL: refresh, SESSION_MAX_AGE: session } }) =>
    faultIf(
      refresh !== session && isAtLeast(refresh, session),
      'REFRESH_TOKEN_TTL',
      'a refresh token cannot outlive its session; make it at most SESSION_MAX_AGE',
    ),
  ({ values: { ARGON2_MEMORY_KIB: memory, ARGON2_PARALLELISM: lanes } }) =>
    faultIf(
      lanes !== undefined && memory !== undefined && memory < 8 * lanes,
      'ARGON2_MEMORY_KIB',
      'argon2 needs at least 8 KiB for each lane; raise it, or lower ARGON2_PARALLELISM',
    ),
]

const productionRules: Rule[] = [
  ({ isGiven }) =>
    faultIf(
      !isGiven('PUBLIC_URL'),
      'PUBLIC_URL',
      'in production it must be set to the address that clients use, such as https://auth.example.org',
    ),
  ({ values: { PUBLIC_URL: address }, isGiven }) =>
    faultIf(
      isGiven('PUBLIC_URL') && address !== undefined && isPlainHttp(address),
      'PUBLIC_URL',
      'in production it must be https, unless its host is localhost, 127.0.0.1 or [::1]',
    ),
  ({ values: { CORS_ORIGINS: origins = [] } }) =>
    faultIf(
      origins.some(isPlainHttp),
      'CORS_ORIGINS',
      'in production every origin must be https, unless its host is localhost, 127.0.0.1 or [::1]',
    ),
  ({ isGiven }) =>
    faultIf(
      !isGiven('SECRET'),
      'SECRET',
      `in production it must be set, here or in a file that SECRET_FILE names; ${SECRET_CURE}`,
    ),
  ({ values: { DATABASE_URL: address } }) => {
    const cure = address === undefined ? undefined : databasePasswordFault(address)
    return cure === undefined ? undefined : { name: 'DATABASE_URL', cure }
  },
  ({ values: { RATE_LIMITS: areOn } }) =>
    faultIf(areOn === false, 'RATE_LIMITS', 'off is for load tests; in production write on'),
  ({ values: { ARGON2_MEMORY_KIB: memory, ARGON2_TIME: time } }) =>
    faultIf(
      memory !== undefined && time !== undefined && !isStrongHash(memory, time),
      'ARGON2_MEMORY_KIB',
      'too weak for production together with ARGON2_TIME; write at least 19456 with time 2, or 47104 with 1, 12288 with 3, 9216 with 4, 7168 with 5',
    ),
]

/** The settings that are good one by one, and not good together or not in production. */
export function faultsAmong(given: Given): Fault[] {
  const rules =
    given.values.NODE_ENV === 'production'
      ? [...contradictions, ...productionRules]
      : contradictions
  return rules.map((rule) => rule(given)).filter((fault) => fault !== undefined)
}

function faultIf(isWrong: boolean, name: SettingName, cure: string): Fault | undefined {
  return isWrong ? { name, cure } : undefined
}

function isAtLeast(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one >= other
}

function isPlainHttp(address: string): boolean {
  return address.startsWith('http:') && !isLoopback(new URL(address).hostname)
}

function isStrongHash(memoryKib: number, time: number): boolean {
  return OWASP_ARGON2ID.some((least) => memoryKib >= least.memoryKib && time >= least.time)
}
