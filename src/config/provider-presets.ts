import type { Provider } from './provider.ts'

/** What is known of a provider before any setting. */
export type Preset = Pick<
  Provider,
  'name' | 'protocol' | 'issuer' | 'scope' | 'responseMode' | 'verifiedClaim'
> & {
  /** Which other issuers of its kind there are; undefined where there is only the one. */
  readonly others: { readonly pattern: RegExp; readonly sample: string } | undefined
}

/** How every provider of OpenID Connect is asked, unless its preset says otherwise. */
export const openId = {
  protocol: 'oidc',
  scope: 'openid profile email',
  responseMode: 'query',
  verifiedClaim: 'email_verified',
} as const

/** By the id that `OIDC_PROVIDERS` lists. */
const presets: Readonly<Record<string, Preset>> = {
  google: { ...openId, name: 'Google', issuer: 'https://accounts.google.com', others: undefined },
  microsoft: {
    ...openId,
    name: 'Microsoft',
    issuer: 'https://login.microsoftonline.com/common/v2.0',
    verifiedClaim: 'xms_edov',
    others: {
      // A tenant by its id: discovery names it so, also where it is asked by a domain.
      pattern:
        /^https:\/\/(login\.microsoftonline\.com\/(common|organizations|consumers)|[\w.-]+\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})\/v2\.0$/,
      sample: 'https://login.microsoftonline.com/<id of your tenant>/v2.0',
    },
  },
  apple: {
    ...openId,
    name: 'Apple',
    issuer: 'https://appleid.apple.com',
    scope: 'openid name email',
    responseMode: 'form_post',
    others: undefined,
  },
  github: {
    ...openId,
    name: 'GitHub',
    protocol: 'github',
    issuer: 'https://github.com',
    scope: 'read:user user:email',
    others: { pattern: /^https:\/\/[\w.-]+(:\d+)?$/, sample: 'https://github.example.org' },
  },
}

/** The preset with this name; undefined for an issuer that is found by discovery alone. */
export function presetOf(id: string): Preset | undefined {
  return Object.hasOwn(presets, id) ? presets[id] : undefined
}

/** Issuers where strangers have accounts, and with them addresses of their choice. */
const OPEN_TO_ALL = [
  /^https:\/\/(accounts\.google|(appleid|account)\.apple|github|gitlab|slack)\.com(?=\/|$)/i,
  /^https:\/\/(www\.facebook|www\.linkedin|id\.twitch|api\.login\.yahoo)\.\w+(?=\/|$)/i,
  /^https:\/\/login\.microsoftonline\.\w+\/(common|organizations|consumers|9188040d-6c67-4c5b-b112-36a304b66dad)(?=\/|$)/i,
]

/** Whether an issuer serves many tenants, whose addresses it does not answer for. */
export function isOpenToAll(issuer: string): boolean {
  return OPEN_TO_ALL.some((pattern) => pattern.test(issuer))
}
