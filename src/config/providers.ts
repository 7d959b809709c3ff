import { leftOvers } from './left-overs.ts'
import type { Provider } from './provider.ts'
import { isOpenToAll, openId, type Preset, presetOf } from './provider-presets.ts'
import type { Reading } from './reading.ts'
import type { SettingIssue } from './rules.ts'
import { type DraftOf, type Environment, readTable } from './setting.ts'
import type { settings } from './settings.ts'
import { listedIds, prefixOf, settingsOfProvider } from './settings-providers.ts'

type Found = { readonly providers: readonly Provider[]; readonly issues: readonly SettingIssue[] }

type Draft = DraftOf<ReturnType<typeof settingsOfProvider>>

/** One provider, with what could be read of it. */
type Case = {
  id: string
  preset: Preset | undefined
  draft: Draft
  issuer: string | undefined
  production: boolean
  isGiven: (key: keyof Draft) => boolean
}

type Check = { key: keyof Draft; isWrong: (about: Case) => boolean; fix: (about: Case) => string }

/** What is valid alone, but not for this provider. */
const checks: readonly Check[] = [
  {
    key: 'issuer',
    isWrong: ({ issuer, isGiven }) => issuer === undefined && !isGiven('issuer'),
    fix: ({ id }) => `${id} is not a preset, so it must be set, such as https://id.example.org`,
  },
  {
    key: 'issuer',
    isWrong: ({ production, issuer }) => production && issuer?.startsWith('http:') === true,
    fix: () => 'in production it must be https',
  },
  {
    key: 'issuer',
    isWrong: isStrangeToPreset,
    fix: ({ id, preset }) =>
      preset?.others
        ? `the preset ${id} takes issuers like ${preset.others.sample}; give another provider an id of its own`
        : `the preset ${id} has its own; remove it, or give another provider an id of its own`,
  },
  {
    key: 'clientId',
    isWrong: ({ isGiven }) => !isGiven('clientId'),
    fix: () => 'it must be set to what the provider has registered this server as',
  },
  {
    key: 'clientSecret',
    isWrong: ({ preset, isGiven }) => preset !== undefined && !isGiven('clientSecret'),
    fix: ({ id, preset }) =>
      `${preset?.name} needs one; set it, or ${prefixOf(id)}CLIENT_SECRET_FILE to the path of a file`,
  },
  {
    key: 'trustEmail',
    isWrong: ({ draft, issuer = '' }) => draft.trustEmail === 'always' && isOpenToAll(issuer),
    fix: () =>
      'everybody can have an account there, with any address; write verified, or name the issuer of your own tenant',
  },
  {
    key: 'trustMfa',
    isWrong: ({ preset, draft }) => preset?.protocol === 'github' && !!draft.trustMfa?.length,
    fix: () => 'GitHub does not tell how people signed in there; remove it',
  },
]

/** Issuers on this machine are for tests, and production refuses them. */
function isStrangeToPreset({ preset, issuer }: Case): boolean {
  if (!preset || issuer === undefined || issuer.startsWith('http:')) return false
  return issuer !== preset.issuer && preset.others?.pattern.test(issuer) !== true
}

/**
 * Reads the settings of each provider that `OIDC_PROVIDERS` lists.
 * @param draft of the settings that every server has
 */
export function readProviders(
  env: Environment,
  draft: DraftOf<typeof settings>,
  reading: Reading,
): Found {
  const found = listedIds(env).map((id) => readProvider(id, draft.production === true, reading))
  const issues: SettingIssue[] = found.flatMap((one) => one.issues)
  // Without a list it is open which ones are left over.
  if (draft.providers !== undefined) issues.push(...leftOvers(env, draft.providers))
  return { providers: found.map(({ provider }) => provider), issues }
}

function readProvider(id: string, production: boolean, reading: Reading) {
  const table = settingsOfProvider(id)
  const draft = readTable(table, reading.read)
  const preset = presetOf(id)
  const isGiven = (key: keyof Draft) => reading.isGiven(table[key].name)
  const issuer = draft.issuer ?? (isGiven('issuer') ? undefined : preset?.issuer)
  const about: Case = { id, preset, draft, issuer, production, isGiven }
  const wrong = checks.filter(({ isWrong }) => isWrong(about))
  const issues = wrong.map(({ key, fix }) => ({ name: table[key].name, fix: fix(about) }))
  return { provider: providerOf(about), issues }
}

/** Complete where nothing is wrong; used only then. */
function providerOf({ id, preset, draft, issuer = '' }: Case): Provider {
  const { protocol, scope, responseMode, verifiedClaim } = preset ?? openId
  return {
    ...{ id, name: draft.name ?? preset?.name ?? id, protocol, issuer },
    ...{ clientId: draft.clientId ?? '', clientSecret: draft.clientSecret },
    ...{ scope, responseMode, verifiedClaim },
    ...{ trustEmail: draft.trustEmail ?? 'verified', trustMfa: draft.trustMfa ?? [] },
  }
}
