import {
  clientId,
  clientSecret,
  isProviderId,
  issuer,
  MAX_PROVIDERS,
  providerIds,
  providerName,
  trustedMfa,
} from './provider-readers.ts'
import { oneOf } from './readers.ts'
import { returnUrls } from './return-urls.ts'
import { type Environment, optionalSetting, type Setting, setting, settingsIn } from './setting.ts'

/** Settings of signing in with outside providers. */
export const providerSettings = {
  providers: setting('OIDC_PROVIDERS', {
    default: '',
    mayBeEmpty: true,
    read: providerIds,
    description:
      'Outside providers that people may sign in with, separated by commas: `google,keycloak`; at most 10, each of small letters, digits and `-`. `google`, `microsoft`, `apple` and `github` are known by name; any other OpenID provider is an id of your choice. Each has the settings below, with its id in capitals and `_` instead of `-`: `OIDC_GOOGLE_CLIENT_ID` ([providers.md](providers.md)).',
  }),
  returnUrls: optionalSetting('RETURN_URLS', {
    defaultNote: '`PUBLIC_URL` and each of `CORS_ORIGINS`, with `/`',
    read: returnUrls,
    description:
      'Where a sign-in with a provider may lead back to, separated by commas; at most 50, compared whole. Pages are https; apps have the reverse of their domain as scheme (`com.example.app:/done`); for command lines `http://127.0.0.1/cb` and `http://[::1]/cb` stand for every port. Outside production `http://localhost` is allowed, too, with its exact port.',
  }),
}

/**
 * The settings of one provider.
 * @param id as `OIDC_PROVIDERS` lists it
 */
export function settingsOfProvider(id: string) {
  const prefix = prefixOf(id)
  return {
    issuer: optionalSetting(`${prefix}ISSUER`, {
      defaultNote: 'that of the preset',
      read: issuer,
      description:
        'Its address, exactly as its discovery document names it, with or without a slash at the end. https, or outside production http on this machine. Needed unless the id names a preset; `microsoft` takes that of your tenant, `github` that of your GitHub Enterprise Server.',
    }),
    clientId: optionalSetting(`${prefix}CLIENT_ID`, {
      defaultNote: 'none; needed',
      read: clientId,
      description: 'What the provider has registered this server as.',
    }),
    clientSecret: optionalSetting(`${prefix}CLIENT_SECRET`, {
      defaultNote: 'none',
      isSecret: true,
      read: clientSecret,
      description:
        'The secret of that registration. Presets need one. Leave it out only for a public client, which proves itself by PKCE alone.',
    }),
    name: optionalSetting(`${prefix}NAME`, {
      defaultNote: 'that of the preset, or the id',
      read: providerName,
      description: 'What people see: up to 50 characters.',
    }),
    trustEmail: setting(`${prefix}TRUST_EMAIL`, {
      default: 'verified',
      read: oneOf('verified', 'always', 'never'),
      description:
        'When an e-mail address from the provider counts as verified: `verified` where the provider says so; `always`, for a provider of your own that gives out the addresses; `never`. `always` is refused for providers where everybody can have an account.',
    }),
    trustMfa: setting(`${prefix}TRUST_MFA`, {
      default: '',
      mayBeEmpty: true,
      read: trustedMfa,
      description:
        'Values of `acr` or `amr` in its ID token, separated by commas, after which this server does not ask for a second factor of its own: `mfa`. Empty means that it always asks users who have one.',
    }),
  }
}

export function prefixOf(id: string): string {
  return `OIDC_${id.toUpperCase().replaceAll('-', '_')}_`
}

/** The ids in `OIDC_PROVIDERS` that can be read, so that a wrong one hides no other issue. */
export function listedIds({ OIDC_PROVIDERS = '' }: Environment): string[] {
  const ids = OIDC_PROVIDERS.split(',', MAX_PROVIDERS).map((id) => id.trim())
  return [...new Set(ids.filter(isProviderId))]
}

/** The settings of all providers that an environment lists. */
export function providerSettingsIn(env: Environment): Setting[] {
  return listedIds(env).flatMap((id) => settingsIn(settingsOfProvider(id)))
}
