import { type Config, ConfigError, type Environment, loadConfig } from '../config/config.ts'
import type { Provider } from '../config/provider.ts'
import { issuer as issuerReader } from '../config/provider-readers.ts'
import { attempt } from '../config/readers.ts'
import { prefixOf } from '../config/settings-providers.ts'
import { isDocumentOf } from '../features/providers/protocol/tenants.ts'
import { type Answer, askProvider } from './ask-provider.ts'
import type { Finding } from './rules.ts'

const PATIENCE_MS = 5000
/** ID tokens hold times; the check of them forgives this much. */
const SKEW_MAX_SECONDS = 30
const DAY_MS = 86_400_000
const SECRET_ENDS_SOON_MS = 14 * DAY_MS
type Case = {
  provider: Provider
  answer: Answer
  now: number
  /** Of its settings: `OIDC_GOOGLE_`. */
  prefix: string
}

type Remark = { verdict: Finding['verdict']; lines: readonly string[] }
type Check = (about: Case) => Remark | undefined

/** In the order of their lines. */
const checks: readonly Check[] = [reach, issuer, clock, iss, pkce, email, secret]

/**
 * Asks each provider in the settings whether people can sign in with it. Without providers, or with
 * settings that stop the start, nobody is asked.
 */
export async function examineProviders(
  env: Environment,
  patienceMs = PATIENCE_MS,
): Promise<Finding[]> {
  const config = readable(env)
  if (!config) return []
  const { href } = config.http.publicUrl
  return await Promise.all(
    config.providers.map(async (provider) => {
      const answer = await askProvider(provider, patienceMs)
      const about = { provider, answer, now: Date.now(), prefix: prefixOf(provider.id) }
      return findingOf(about, `${href}/oidc/${provider.id}/callback`)
    }),
  )
}

/** The settings; undefined when they stop the start. */
export function readable(env: Environment): Config | undefined {
  try {
    return loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

function findingOf(about: Case, redirectUri: string): Finding {
  const { id, name, issuer: address } = about.provider
  const remarks = checks.flatMap((check) => check(about) ?? [])
  const has = (verdict: Finding['verdict']) => remarks.some((one) => one.verdict === verdict)
  const title = id === name ? id : `${id} (${name})`
  return {
    rule: 'provider',
    verdict: has('no') ? 'no' : has('note') ? 'note' : 'ok',
    text: `${title} is ${address}.`,
    lines: [`register: ${redirectUri}`, ...remarks.flatMap(({ lines }) => lines)],
  }
}

function reach({ answer, prefix }: Case): Remark | undefined {
  const { problem } = answer
  if (problem === undefined) return undefined
  return note(
    `away: ${problem}; check ${prefix}ISSUER, DNS and the firewall. Until it answers, people sign in another way.`,
  )
}

function issuer({ provider, answer: { metadata }, prefix }: Case): Remark | undefined {
  const named = String(metadata?.issuer)
  if (!metadata || isDocumentOf(provider.issuer, named)) return undefined
  const isUsable = 'value' in attempt(() => issuerReader(named))
  if (!isUsable) return no('issuer: its discovery document names none that can be used')
  return no('issuer: its discovery document names another', `change: ${prefix}ISSUER=${named}`)
}

function clock({ answer: { at }, now }: Case): Remark | undefined {
  if (at === undefined) return undefined
  const seconds = Math.round(Math.abs(now - at) / 1000)
  if (seconds <= SKEW_MAX_SECONDS) return ok(`clock: at most ${SKEW_MAX_SECONDS} s apart`)
  const place = now > at ? 'ahead of' : 'behind'
  return note(
    `clock: this machine is ${seconds} s ${place} it, so ID tokens may be refused; set the clock by NTP`,
  )
}

function iss({ answer: { metadata } }: Case): Remark | undefined {
  if (!metadata) return undefined
  return metadata.authorization_response_iss_parameter_supported === true
    ? ok('iss: its callbacks name it, and this is checked (RFC 9207)')
    : ok('iss: its callbacks do not name it; the ID token does')
}

function pkce({ answer: { metadata } }: Case): Remark | undefined {
  if (!metadata) return undefined
  const methods = metadata.code_challenge_methods_supported
  if (Array.isArray(methods) && methods.includes('S256')) return ok('PKCE: S256')
  return note('PKCE: it does not announce S256; it is sent, and the provider may ignore it')
}

function email({ provider, answer: { metadata } }: Case): Remark | undefined {
  if (provider.trustEmail === 'always') return ok('e-mail: counts as verified, by TRUST_EMAIL')
  if (provider.trustEmail === 'never') return ok('e-mail: never counts as verified, by TRUST_EMAIL')
  if (provider.protocol === 'github')
    return ok('e-mail: the primary address, if GitHub verified it')
  if (provider.verifiedClaim === 'xms_edov')
    return ok('e-mail: verified by the claim xms_edov; add it and email under Token configuration')
  if (!metadata) return undefined
  const claims = metadata.claims_supported
  if (Array.isArray(claims) && claims.includes('email_verified'))
    return ok('e-mail: verified by the claim email_verified')
  return note(
    'e-mail: it does not announce email_verified; without that claim this server verifies addresses itself, by mail',
  )
}

/** Apple's secrets are tokens that end after six months at most. */
function secret({ provider: { clientSecret }, now, prefix }: Case): Remark | undefined {
  const endsAt = endOf(clientSecret)
  if (endsAt === undefined) return undefined
  const day = new Date(endsAt).toISOString().slice(0, 10)
  if (endsAt <= now) return no(`secret: ended on ${day}; make another ${prefix}CLIENT_SECRET`)
  const line = `secret: ends on ${day}`
  return endsAt - now < SECRET_ENDS_SOON_MS ? note(`${line}; make another before`) : ok(line)
}

/** In milliseconds; undefined for secrets other than a JWT with an end. */
function endOf(clientSecret: string | undefined): number | undefined {
  const [, payload = ''] = /^eyJ[\w-]*\.([\w-]+)\.[\w-]+$/.exec(clientSecret ?? '') ?? []
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const endsAt = Number(exp) * 1000
    return Math.abs(endsAt) < 8.64e15 ? endsAt : undefined
  } catch {
    return undefined
  }
}

function ok(...lines: string[]): Remark {
  return { verdict: 'ok', lines }
}

function note(...lines: string[]): Remark {
  return { verdict: 'note', lines }
}

function no(...lines: string[]): Remark {
  return { verdict: 'no', lines }
}
