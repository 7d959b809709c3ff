import { distanceOf } from '../platform/nearest.ts'
import { isProviderId } from './provider-readers.ts'
import type { SettingIssue } from './rules.ts'
import { type Environment, type Setting, settingsIn } from './setting.ts'
import { prefixOf, settingsOfProvider } from './settings-providers.ts'

/** Kubernetes sets these names in every container beside a service called `oidc…`. */
const OF_KUBERNETES =
  /^OIDC_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$/

const LIST = 'OIDC_PROVIDERS'
const PREFIX = prefixOf('')
const suffixes = namesOf(settingsIn(settingsOfProvider(''))).map((name) =>
  name.slice(PREFIX.length),
)

/** Whether a name belongs to the settings of providers, rightly spelt or not. */
export function isOfProviders(name: string): boolean {
  return /^OIDC_/i.test(name) && !OF_KUBERNETES.test(name)
}

/**
 * The names that begin with `OIDC_` and name none of the settings: one of them may be a trust that
 * was meant to be withdrawn, or one that was meant to be set.
 * @param ids in OIDC_PROVIDERS
 */
export function leftOvers(env: Environment, ids: readonly string[]): SettingIssue[] {
  const known = [LIST, ...namesOf(ids.flatMap((id) => settingsIn(settingsOfProvider(id))))]
  const free = known.filter((name) => env[name] === undefined)
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && isOfProviders(name) && !known.includes(name))
    .map((name) => ({ name, fix: fixOf(name.toUpperCase(), free, ids) }))
}

function namesOf(rows: readonly Setting[]): string[] {
  return rows.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]))
}

function fixOf(name: string, free: readonly string[], ids: readonly string[]): string {
  const meant =
    free.find((one) => distanceOf(name, one, 1) <= 1) ?? free.find((one) => isPart(name, one, ids))
  if (meant !== undefined) return `it is not a setting; write ${meant}`
  const suffix = suffixes.find((end) => name.endsWith(`_${end}`)) ?? name
  const id = name
    .slice(PREFIX.length - 1, -suffix.length - 1)
    .toLowerCase()
    .replaceAll('_', '-')
  if (!isProviderId(id)) return GENERAL
  return `${LIST} does not list ${id}; add it there, or remove this setting`
}

const GENERAL = `it is not a setting; for each id in ${LIST} there are ${suffixes.map((end) => `OIDC_<ID>_${end}`).join(', ')}`

/** `OIDC_GOOGLE_SECRET` for `OIDC_GOOGLE_CLIENT_SECRET`, `…_ISSUER_URL` for `…_ISSUER`. */
function isPart(name: string, known: string, ids: readonly string[]): boolean {
  return ids.map(prefixOf).some((prefix) => {
    if (!name.startsWith(prefix) || !known.startsWith(prefix)) return false
    const [one, other] = [name.slice(prefix.length), known.slice(prefix.length)]
    return one !== '' && (other.endsWith(one) || one.startsWith(other))
  })
}
