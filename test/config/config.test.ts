// runs once
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { settingsPage } from '../../scripts/settings-page.ts'
import { createBrowsers } from '../../src/config/browsers.ts'
import { loadConfig } from '../../src/config/config.ts'
import { settingList } from '../../src/config/settings.ts'
import { newSecret, PRODUCTION, SECRET } from '../support/config.ts'

const NO_TRACING = {
  ...{ isDisabled: undefined, exporter: undefined, endpoint: undefined, headers: undefined },
  ...{ tracesEndpoint: undefined, tracesHeaders: undefined, protocol: undefined },
  ...{ tracesProtocol: undefined, serviceName: undefined, sampler: undefined },
  ...{ samplerArgument: undefined, propagators: undefined },
}

test('an empty environment gives the documented defaults of development', () => {
  assert.deepEqual(loadConfig({}), {
    production: false,
    http: {
      host: '127.0.0.1',
      port: 3000,
      publicUrl: { href: 'http://localhost:3000', origin: 'http://localhost:3000', path: '' },
    },
    corsOrigins: [],
    languages: ['en', 'zh-CN'],
    trustedProxies: [],
    database: { kind: 'sqlite', path: './data/latchkey.db' },
    migrations: { atStart: true, foreignKeys: true },
    uploads: { directory: './data/uploads' },
    photos: { bytesPerUser: 209_715_200, waitingPerUser: 2 },
    secrets: undefined,
    lifetimes: {
      accessSeconds: 900,
      refreshSeconds: 2_592_000,
      sessionSeconds: 7_776_000,
      graceSeconds: 30,
      forgivesUnseen: true,
    },
    redis: undefined,
    mail: {
      ...{ smtp: undefined, from: undefined, links: undefined, templates: undefined },
      verification: 'optional',
      signInByMail: false,
    },
    factors: {
      ...{ stepUpSeconds: 600, trustedDeviceSeconds: 2_592_000 },
      ...{ rpIds: undefined, webauthnOrigins: [] },
    },
    breachedPasswords: undefined,
    rateLimits: true,
    signIn: { failuresMax: 100 },
    perUser: { housesMax: 10_000 },
    samples: { notes: true, houses: true },
    log: { level: 'info' },
    audit: { retentionSeconds: 34_560_000 },
    registration: 'open',
    administration: { hasPage: true, networks: [] },
    providers: [],
    returnUrls: ['http://localhost:3000/'],
    metrics: { isOn: false, host: '127.0.0.1', port: 9464 },
    tracing: NO_TRACING,
    docs: true,
    shutdown: { delaySeconds: 0 },
    argon2: { memoryKib: 19_456, time: 2, parallelism: 1 },
    workers: 1,
    poolThreads: 4,
  })
})

test('a production environment with every setting gives every value', () => {
  const older = newSecret()

  const config = loadConfig({
    NODE_ENV: 'production',
    HOST: '0.0.0.0',
    PORT: '0',
    PUBLIC_URL: 'HTTPS://Auth.Example.org:443/',
    DATABASE_URL: 'mysql://app:k7%2Fqz-93hT@db.internal:3306/accounts?ssl=true',
    MIGRATE: 'off',
    FOREIGN_KEYS: 'off',
    UPLOADS_DIR: '/srv/uploads',
    PHOTO_BYTES_PER_USER: '3GiB',
    PHOTOS_WAITING_PER_USER: '16',
    SECRET: `${SECRET}, ${older}`,
    ACCESS_TOKEN_TTL: '5m',
    REFRESH_TOKEN_TTL: '12h',
    SESSION_MAX_AGE: '12h',
    REFRESH_GRACE: '0s',
    REFRESH_UNSEEN: 'off',
    CORS_ORIGINS:
      'https://app.example.org, http://localhost:5173,capacitor://localhost,https://app.example.org',
    LANGUAGES: 'zh-CN, en',
    TRUST_PROXY: '127.0.0.1, 10.0.0.0/8,fd00::/8',
    REDIS_URL: 'rediss://:p@cache.internal:6380/1',
    SMTP_URL: 'smtp://me%40example.org:p%2Fw@mail.internal',
    MAIL_FROM: 'Example Org <no-reply@example.org>',
    EMAIL_VERIFICATION: 'required',
    SIGN_IN_BY_MAIL: 'on',
    MAIL_LINKS: 'https://app.example.org/mail/',
    MAIL_TEMPLATES: '/srv/templates',
    STEP_UP_MAX_AGE: '5m',
    TRUSTED_DEVICE_TTL: '0s',
    WEBAUTHN_RP_ID: 'Example.org, auth.example.org,example.org',
    WEBAUTHN_ORIGINS: `android:apk-key-hash:${'A_-9'.repeat(11).slice(1)},https://Example.com:443`,
    BREACHED_PASSWORDS: 'https://API.pwnedpasswords.com/',
    RATE_LIMITS: 'on',
    LOG_LEVEL: 'warn',
    AUDIT_RETENTION: '30d',
    REGISTRATION: 'invite',
    ADMIN_PAGE: 'off',
    ADMIN_NETWORKS: '10.0.0.0/8, 2001:db8::/32',
    OIDC_PROVIDERS: 'keycloak',
    OIDC_KEYCLOAK_ISSUER: 'https://Id.example.org/realms/people/',
    OIDC_KEYCLOAK_CLIENT_ID: 'latchkey',
    OIDC_KEYCLOAK_CLIENT_SECRET: 'k7/qz-93hT',
    OIDC_KEYCLOAK_NAME: 'Example Org',
    OIDC_KEYCLOAK_TRUST_EMAIL: 'always',
    OIDC_KEYCLOAK_TRUST_MFA: 'mfa, otp,mfa',
    RETURN_URLS: 'https://app.example.org/done?a=b, com.example.app:/done,http://[::1]/cb',
    METRICS: 'on',
    METRICS_HOST: '10.0.0.7',
    METRICS_PORT: '9100',
    OTEL_SDK_DISABLED: 'true',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example.org',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel.example.org/traces',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=b%20c',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=d',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    OTEL_SERVICE_NAME: 'accounts',
    OTEL_TRACES_SAMPLER: 'always_on',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
    OTEL_PROPAGATORS: 'none',
    DOCS: 'off',
    SHUTDOWN_DELAY: '5m',
    ARGON2_MEMORY_KIB: '12288',
    ARGON2_TIME: '3',
    ARGON2_PARALLELISM: '4',
    WORKERS: '4',
  })

  assert.deepEqual(config, {
    production: true,
    http: {
      host: '0.0.0.0',
      port: 0,
      publicUrl: {
        href: 'https://auth.example.org',
        origin: 'https://auth.example.org',
        path: '',
      },
    },
    corsOrigins: ['https://app.example.org', 'http://localhost:5173', 'capacitor://localhost'],
    languages: ['zh-CN', 'en'],
    trustedProxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
    database: {
      kind: 'mysql',
      host: 'db.internal',
      port: 3306,
      user: 'app',
      password: 'k7/qz-93hT',
      database: 'accounts',
      tls: 'on',
      allowPublicKeyRetrieval: false,
    },
    migrations: { atStart: false, foreignKeys: false },
    uploads: { directory: '/srv/uploads' },
    photos: { bytesPerUser: 3_221_225_472, waitingPerUser: 16 },
    secrets: [Buffer.from(SECRET), Buffer.from(older)],
    lifetimes: {
      accessSeconds: 300,
      refreshSeconds: 43_200,
      sessionSeconds: 43_200,
      graceSeconds: 0,
      forgivesUnseen: false,
    },
    redis: {
      kind: 'server',
      nodes: [{ host: 'cache.internal', port: 6380 }],
      username: '',
      password: 'p',
      tls: 'on',
      db: 1,
    },
    mail: {
      verification: 'required',
      signInByMail: true,
      smtp: {
        host: 'mail.internal',
        port: 587,
        isEncrypted: false,
        user: 'me@example.org',
        password: 'p/w',
      },
      from: { name: 'Example Org', address: 'no-reply@example.org' },
      links: {
        href: 'https://app.example.org/mail',
        origin: 'https://app.example.org',
        path: '/mail',
      },
      templates: '/srv/templates',
    },
    factors: {
      ...{ stepUpSeconds: 300, trustedDeviceSeconds: 0 },
      rpIds: ['example.org', 'auth.example.org'],
      webauthnOrigins: [
        `android:apk-key-hash:${'A_-9'.repeat(11).slice(1)}`,
        'https://example.com',
      ],
    },
    breachedPasswords: { kind: 'ranges', address: 'https://api.pwnedpasswords.com' },
    rateLimits: true,
    signIn: { failuresMax: 100 },
    perUser: { housesMax: 10_000 },
    samples: { notes: true, houses: true },
    log: { level: 'warn' },
    audit: { retentionSeconds: 2_592_000 },
    registration: 'invite',
    administration: { hasPage: false, networks: ['10.0.0.0/8', '2001:db8::/32'] },
    providers: [
      {
        ...{ id: 'keycloak', name: 'Example Org', protocol: 'oidc' },
        issuer: 'https://Id.example.org/realms/people/',
        ...{ clientId: 'latchkey', clientSecret: 'k7/qz-93hT' },
        ...{ scope: 'openid profile email', responseMode: 'query' },
        ...{ verifiedClaim: 'email_verified', trustEmail: 'always', trustMfa: ['mfa', 'otp'] },
      },
    ],
    returnUrls: ['https://app.example.org/done?a=b', 'com.example.app:/done', 'http://[::1]/cb'],
    metrics: { isOn: true, host: '10.0.0.7', port: 9100 },
    tracing: {
      ...{ isDisabled: true, exporter: 'none', endpoint: 'https://otel.example.org/' },
      ...{ tracesEndpoint: 'https://otel.example.org/traces', headers: { a: 'b c' } },
      ...{ tracesHeaders: { 'x-tenant': 'd' }, protocol: 'http/protobuf' },
      ...{ tracesProtocol: 'http/protobuf', serviceName: 'accounts', sampler: 'always_on' },
      ...{ samplerArgument: '0.5', propagators: ['none'] },
    },
    docs: false,
    shutdown: { delaySeconds: 300 },
    argon2: { memoryKib: 12_288, time: 3, parallelism: 4 },
    workers: 4,
    poolThreads: 4,
  })
})

test('a server stops at once in development, and after 5 s in production', () => {
  assert.deepEqual(loadConfig({ NODE_ENV: 'test' }).shutdown, { delaySeconds: 0 })
  assert.deepEqual(loadConfig(PRODUCTION).shutdown, { delaySeconds: 5 })
  assert.deepEqual(loadConfig({ ...PRODUCTION, SHUTDOWN_DELAY: '0s' }).shutdown, {
    delaySeconds: 0,
  })
})

test('figures are served on a loopback address and a port of their own', () => {
  assert.deepEqual(loadConfig({ METRICS: 'on' }).metrics, {
    ...{ isOn: true, host: '127.0.0.1', port: 9464 },
  })
  assert.equal(loadConfig({ PORT: '9464' }).metrics.isOn, false)
})

test('settings once read cannot be changed', () => {
  const config = loadConfig(PRODUCTION)

  const write = () => Object.assign(config.corsOrigins, ['https://other.example'])

  assert.throws(write, TypeError)
  assert.throws(() => Object.assign(config.lifetimes, { accessSeconds: 1 }), TypeError)
})

test('settings for which empty means none may be empty', () => {
  const config = loadConfig({ CORS_ORIGINS: '', TRUST_PROXY: '', REDIS_URL: '' })

  assert.deepEqual(config, loadConfig({}))
})

test('the settings page says what the code does', async () => {
  const page = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8')

  assert.equal(page, settingsPage(), 'run: npm run docs:settings')
})

test('the sample environment names every setting with its default', async () => {
  const sample = await readFile(new URL('../../.env.example', import.meta.url), 'utf8')

  for (const { name, default: given = '' } of settingList) {
    const text = typeof given === 'object' ? given.development : given
    if (name !== 'NODE_ENV') assert.ok(sample.includes(`\n# ${name}=${text}\n`), name)
  }
})

test('a server on another port keeps the address of the contract', () => {
  const moved = loadConfig({ PORT: '3001' })
  const named = loadConfig({ PORT: '3001', PUBLIC_URL: 'http://localhost:4000' })

  assert.equal(moved.http.publicUrl.href, 'http://localhost:3000')
  assert.equal(moved.http.publicUrl.origin, 'http://localhost:3000')
  assert.equal(named.http.publicUrl.origin, 'http://localhost:4000')
})

for (const [address, href, path] of [
  ['https://example.org/auth', 'https://example.org/auth', '/auth'],
  ['HTTPS://Example.org:443/Auth/', 'https://example.org/Auth', '/Auth'],
  ['https://example.org/v1.0/a_~-b', 'https://example.org/v1.0/a_~-b', '/v1.0/a_~-b'],
  ['https://example.org/...', 'https://example.org/...', '/...'],
  ['https://example.org/', 'https://example.org', ''],
] as const) {
  test(`PUBLIC_URL=${address} has the path ${path || 'of nothing'}`, () => {
    const config = loadConfig({ ...PRODUCTION, PUBLIC_URL: address })

    const { origin } = new URL(address)
    assert.deepEqual(config.http.publicUrl, { href, origin, path })
    assert.ok(createBrowsers(config).isAllowed(origin))
  })
}
