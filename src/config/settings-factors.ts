import { rpIds, webauthnOrigins } from './passkey-readers.ts'
import { duration } from './readers.ts'
import { optionalSetting, setting } from './setting.ts'

/** Settings of second factors and of steps that need a recent proof. */
export const factorSettings = {
  stepUpSeconds: setting('STEP_UP_MAX_AGE', {
    default: '10m',
    read: duration('1m', '1d'),
    description:
      'How old the last proof of identity may be at a sensitive step, such as adding a factor: 1m to 1d. After that the server asks for another one ([factors.md](factors.md)).',
  }),
  trustedDeviceSeconds: setting('TRUSTED_DEVICE_TTL', {
    default: '30d',
    read: duration('0s', '400d'),
    description:
      'How long a browser may leave out the second factor when its user has asked for it (`trustDevice`): up to 400d; `0` asks for the factor at every sign-in.',
  }),
  rpIds: optionalSetting('WEBAUTHN_RP_ID', {
    defaultNote: 'the host of `PUBLIC_URL`',
    read: rpIds,
    description:
      'The domain that passkeys belong to (RP ID): `example.org` for pages of `example.org` and of all its subdomains. Choose the parent domain early: a passkey of `auth.example.org` is of no use at `example.org`. After a change list both, the newest first, separated by commas. An IP address cannot have passkeys: at `PUBLIC_URL=http://127.0.0.1:3000` there are none.',
  }),
  webauthnOrigins: setting('WEBAUTHN_ORIGINS', {
    default: '',
    mayBeEmpty: true,
    read: webauthnOrigins,
    description:
      'Where passkeys are used, beside `PUBLIC_URL` and `CORS_ORIGINS`, separated by commas: Android apps as `android:apk-key-hash:…`, one for each certificate that signs them; `https://example.org` for the apps of Apple that belong to that domain; pages of other domains, which `/.well-known/webauthn` lists as related ones. In production they must be https, unless on this machine.',
  }),
}
