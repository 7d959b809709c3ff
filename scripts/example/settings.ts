import type { Places } from './places.ts'

/** The id of the demo provider. */
export const PROVIDER = 'demo'

/** Settings in the environment win over these. */
const DEFAULTS = { SIGN_IN_BY_MAIL: 'on', LOG_LEVEL: 'warn' }

/** What a server needs while the data are made. */
export const WHILE_FILLING = { RATE_LIMITS: 'off', EMAIL_VERIFICATION: 'optional' }

/** The page of the application that takes links of mails. */
const MAIL_PAGE = '/mail'

/** The environment of the API: that of the example, with what its addresses need. */
export function settingsFor(places: Places) {
  return {
    ...DEFAULTS,
    ...process.env,
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: String(places.ports.api),
    // Relative to the folder of the example, where the server runs.
    DATABASE_URL: 'file:./latchkey.db',
    UPLOADS_DIR: './uploads',
    ...addressSettings(places),
    // `scripts/start.mjs` ends with the program that started it.
    npm_lifecycle_event: 'example',
  }
}

/** What a server has to know of the application and of the provider beside it. */
export function addressSettings({ app, publicUrl, provider }: Places) {
  return {
    PUBLIC_URL: publicUrl,
    CORS_ORIGINS: app,
    MAIL_LINKS: `${app}${MAIL_PAGE}`,
    OIDC_PROVIDERS: PROVIDER,
    OIDC_DEMO_ISSUER: provider,
    OIDC_DEMO_CLIENT_ID: 'latchkey',
    OIDC_DEMO_NAME: 'Demo provider',
  }
}
