// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SettingName, settingList } from '../../src/config/settings.ts'
import { BAD_RETURN_URLS } from '../support/bad-addresses.ts'
import { namesOf, newSecret, PRODUCTION, refusal, SECRET } from '../support/config.ts'

const BAD_COLLECTORS = [
  'localhost:4318',
  'grpc://localhost:4317',
  'http://u:p@localhost',
  'http://h/?x',
]
const BAD_HEADERS = ['authorization', '=x', 'a=%ZZ', 'a=b,', 'a=%0D%0Ab=c', 'a b=c']

const BAD_VALUES: Record<SettingName, string[]> = {
  OTEL_SDK_DISABLED: [],
  OTEL_TRACES_EXPORTER: ['zipkin', 'console', 'otlp,console', 'OTLP'],
  OTEL_EXPORTER_OTLP_ENDPOINT: BAD_COLLECTORS,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: BAD_COLLECTORS,
  OTEL_EXPORTER_OTLP_HEADERS: BAD_HEADERS,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: BAD_HEADERS,
  // What follows is wrong only while traces are on: test/tracing/settings.test.ts.
  OTEL_EXPORTER_OTLP_PROTOCOL: [],
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: [],
  OTEL_SERVICE_NAME: [],
  OTEL_TRACES_SAMPLER: [],
  OTEL_TRACES_SAMPLER_ARG: [],
  OTEL_PROPAGATORS: [],
  LANGUAGES: ['', 'en,', 'english', 'EN', 'zh', 'zh_CN', 'en,en', 'en;zh-CN', 'de'],
  NODE_ENV: ['', 'prod', 'Production', 'staging'],
  HOST: ['', 'two words', '-x', 'a..b', 'http://localhost'],
  PORT: ['', '65536', '-1', '+1', '1e3', ' 80', '080', '3000.0', 'http'],
  PUBLIC_URL: [
    '',
    'localhost:3000',
    'ftp://example.org',
    'https://example.org/a//b',
    'https://example.org//',
    'https://example.org/../a',
    'https://example.org/a/.',
    'https://example.org/a%2Fb',
    'https://example.org/a b',
    'https://example.org/é',
    'https://example.org/a;b',
    'https://example.org/path?x',
    `https://example.org/${'a'.repeat(101)}`,
    `https://example.org${'/a'.repeat(11)}`,
    'https://example.org?x',
    'https://example.org#x',
    'https://user:pw@example.org',
    'https://exa mple.org',
    'https:example.org',
    'https://example.org:99999',
  ],
  DATABASE_URL: [
    '',
    'latchkey.db',
    'postgresql://localhost/db',
    'file:',
    'file::memory:',
    'file:./data/',
    'file:./a.db?mode=memory',
    'file://%ZZ/a.db',
    'mysql://localhost',
    'mysql://localhost/',
    'mysql://localhost/a/b',
    'mysql://u:%ZZ@localhost/db',
    'mysql://u@localhost/db?SSL=true',
    'mysql://u@localhost/db?ssl=yes',
    'mysql://u@localhost/db?ssl=true&ssl=false',
    'mysql://u@localhost/db?tls=true',
    'mysql://u@localhost/db?tls=on&ssl=true',
    'mysql://u@localhost/db?tls=off&tls=off',
    'mariadb://localhost',
    'mariadb+srv://localhost/db',
    '"file:./data/latchkey.db"',
    '“file:./data/latchkey.db”',
    'mysql://u@localhost/db?multipleStatements=true',
    'mysql://',
  ],
  PHOTO_BYTES_PER_USER: [
    '',
    '200',
    '200 MiB',
    '200MB',
    '1.5MiB',
    '1023',
    '0KiB',
    '2TiB',
    '-1MiB',
    '1e3KiB',
  ],
  REGISTRATION: ['', 'on', 'Open', 'invited', 'open,invite'],
  ADMIN_PAGE: ['', 'yes', 'ON', 'true'],
  OIDC_PROVIDERS: ['Google', '1st', 'key_cloak', 'key cloak', '-a', 'a'.repeat(33), ','],
  RETURN_URLS: BAD_RETURN_URLS,
  ADMIN_NETWORKS: [
    ...['localhost', '10.0.0.0/33', '10.0.0', '10.0.0.0/8/8', '::ffff:10.0.0.1', 'fe80::1%eth0'],
    ...['10.0.0.0/0', '10.0.0.0/8;10.1.0.0/16'],
  ],
  PHOTOS_WAITING_PER_USER: ['', '0', '17', '2.0'],
  SECRET: [
    '',
    ' ',
    'too-short',
    'a'.repeat(64),
    'abcdefgh'.repeat(8),
    '0123456789abcdef0123456789abcdef',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'please-changeme-before-you-go-live-9417',
    'Secret123Secret123Secret123Xk29fpqL2vw',
    'your-super-SECRET-key-goes-here-4827hfb',
    `${SECRET},`,
    `${SECRET},${SECRET}`,
    `${SECRET},short`,
    Array.from({ length: 9 }, newSecret).join(','),
    newSecret().repeat(30),
  ],
  MIGRATE: ['', 'true', 'OFF', 'deploy'],
  FOREIGN_KEYS: ['', 'false', 'prisma'],
  UPLOADS_DIR: ['', 'up\0loads', './data\n'],
  ACCESS_TOKEN_TTL: ['', '500', '0s', '15 m', '-5m', '1.5h', '15min', '015m', '1h30m', '25h', '2w'],
  REFRESH_TOKEN_TTL: ['', '30', '0s', '401d', '99999999d'],
  SESSION_MAX_AGE: ['', '90', '0d', '401d'],
  REFRESH_GRACE: ['', '30', '301s', '6m', '1d'],
  REFRESH_UNSEEN: ['', 'true', 'ON', '0'],
  CORS_ORIGINS: [
    '*',
    'null',
    'https://*.example.org',
    'https://app.example.org/',
    'https://app.example.org/path',
    'app.example.org',
    'https://a.example.org,,https://b.example.org',
    'https://u:p@example.org',
    'https://a.example.org https://b.example.org',
  ],
  TRUST_PROXY: [
    'true',
    '1',
    '*',
    'loopback',
    '0.0.0.0/0',
    '::/0',
    '0.0.0.0/1',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.256',
    '::ffff:0.0.0.0/96',
    'fe80::1%eth0',
    'proxy.internal',
    '127.0.0.1,',
  ],
  REDIS_URL: [
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis:///0',
    'redis://localhost/latchkey',
    'redis://localhost/0/1',
    'rediss://localhost?tls=false',
    'redis://localhost#0',
    'redis://localhost?tls=on',
    'rediss://localhost?tls=off',
    'redis://localhost?tls=off&tls=off',
    'redis://localhost?db=1',
    'redis://u:%ZZ@localhost',
    'redis://localhost:99999',
    'redis://a,b',
    'redis+cluster://a,,b',
    'redis+cluster://a,b/1',
    'redis+cluster:///',
    'redis+sentinel://a,b',
    'redis+sentinel://a,b/two words',
    'redis+sentinel://a/name?password=x',
    'redis+other://a',
    "'redis://localhost'",
  ],
  SMTP_URL: [
    'localhost:25',
    'http://localhost',
    'smtp://',
    'smtp://localhost/',
    'smtp://localhost?tls=off',
    'smtp://localhost#x',
    'smtp://localhost:99999',
    'smtp://user@localhost',
    'smtp://:password@localhost',
    'smtp://u:%ZZ@localhost',
    'smtp://two words@localhost',
    'smtp+tls://localhost',
    "'smtp://localhost'",
  ],
  MAIL_FROM: [
    '',
    'no-reply',
    'no-reply@localhost',
    'a@example.org,b@example.org',
    'a@example.org\r\nBcc: b@example.org',
    'Example, Inc <a@example.org>',
    'Example <a@example.org> <b@example.org>',
    '<a@example.org>',
    'a@[127.0.0.1]',
  ],
  MAIL_LINKS: ['', '/mail', 'app://mail', 'https://example.org/#/mail', 'https://example.org/?a=b'],
  MAIL_TEMPLATES: ['', './templates\n'],
  BREACHED_PASSWORDS: [
    ' ',
    'https://',
    'https://user:pw@api.pwnedpasswords.com',
    'https://api.pwnedpasswords.com?x',
    'http://api.pwnedpasswords.com',
    'ftp://api.pwnedpasswords.com',
    './no-such-file.txt',
    '.',
    'package.json',
    '/dev/null',
    './hashes.txt\n',
    '"https://api.pwnedpasswords.com"',
  ],
  STEP_UP_MAX_AGE: ['', '10', '59s', '25h', 'off'],
  TRUSTED_DEVICE_TTL: ['', '30', '00', '401d', 'off'],
  WEBAUTHN_RP_ID: [
    '',
    '127.0.0.1',
    '[::1]',
    '1.2.3',
    'https://example.org',
    'example.org:443',
    'example.org/',
    'example..org',
    '*.example.org',
    'exämple.org',
    'exa mple.org',
    'example.org,',
    'user@example.org',
  ],
  WEBAUTHN_ORIGINS: [
    '*',
    'null',
    'example.org',
    'https://example.org/',
    'https://example.org,,https://example.com',
    'android:apk-key-hash:',
    `android:apk-key-hash:${'a'.repeat(27)}`,
    `android:apk-key-hash:${'a'.repeat(42)}=`,
    `ios:bundle-id:org.example.app`,
  ],
  RATE_LIMITS: ['', 'true', 'ON', '0'],
  WORKERS: ['', '0', '65', '2.0', 'auto'],
  UV_THREADPOOL_SIZE: ['', '0', '1025', '4.0'],
  SIGN_IN_FAILURES_MAX: ['', '9', '101', '1e2', ' 50'],
  HOUSES_PER_USER: ['', '0', '1000001', '10k', '10_000', '-1'],
  EMAIL_VERIFICATION: ['', 'on', 'always', 'OFF'],
  SIGN_IN_BY_MAIL: ['', 'optional', 'ON'],
  LOG_LEVEL: ['', 'verbose', 'INFO'],
  AUDIT_RETENTION: ['', '400', '23h', '3651d', '0', 'forever'],
  METRICS: ['', 'yes', '1'],
  METRICS_HOST: ['', 'http://localhost', '::1%', 'a b'],
  METRICS_PORT: ['', '0', '65536', '9464/metrics'],
  NOTES: ['', 'no', '0'],
  HOUSES: ['', 'false', '0'],
  DOCS: ['', 'no', '0'],
  SHUTDOWN_DELAY: ['', '5', '301s', '6m', '1d', '-1s', '0.5s'],
  ARGON2_MEMORY_KIB: ['', '7', '1048577', '19MB', '-1'],
  ARGON2_TIME: ['', '0', '21', '2.5'],
  ARGON2_PARALLELISM: ['', '0', '17'],
}

for (const [name, values] of Object.entries(BAD_VALUES)) {
  test(`a start with a bad ${name} is refused by that name alone, without repeating a secret`, () => {
    for (const value of values) {
      const { issues, message } = refusal({ [name]: value })

      assert.deepEqual(namesOf(issues), [name], `${JSON.stringify(value)}: ${message}`)
      if (isSecret(name) && value.length > 12) assert.ok(!message.includes(value))
    }
  })
}

test('a length of time without a unit is refused, and the message proposes a unit', () => {
  assert.deepEqual(refusal({ ACCESS_TOKEN_TTL: '500' }).issues, [
    { name: 'ACCESS_TOKEN_TTL', fix: '"500" has no unit; write for example 500s (s, m, h or d)' },
  ])
})

test('every bad setting is named in one refusal', () => {
  const { issues, message } = refusal({ PORT: 'x', METRICS: 'x', SECRET: 'x', RATE_LIMITS: '' })

  assert.deepEqual(namesOf(issues), ['PORT', 'SECRET', 'RATE_LIMITS', 'METRICS'])
  assert.equal(message.split('\n').length, 5)
})

for (const [title, env, names] of [
  [
    'an access token that outlives its refresh token',
    { ACCESS_TOKEN_TTL: '1h', REFRESH_TOKEN_TTL: '1h' },
    ['ACCESS_TOKEN_TTL'],
  ],
  [
    'a refresh token that outlives its session',
    { REFRESH_TOKEN_TTL: '91d' },
    ['REFRESH_TOKEN_TTL'],
  ],
  [
    'less memory than the lanes of argon2 need',
    { ARGON2_MEMORY_KIB: '31', ARGON2_PARALLELISM: '4' },
    ['ARGON2_MEMORY_KIB'],
  ],
  ['SQLite without foreign keys', { FOREIGN_KEYS: 'off' }, ['FOREIGN_KEYS']],
  ['figures on the port of the API', { METRICS: 'on', PORT: '9464' }, ['METRICS_PORT']],
] as const) {
  test(`contradictory settings are refused: ${title}`, () => {
    assert.deepEqual(namesOf(refusal(env).issues), names)
    assert.deepEqual(namesOf(refusal({ ...PRODUCTION, ...env }).issues.slice(0, 1)), names)
  })
}

test('a value in quotes is refused with the fix for every setting', () => {
  for (const { name } of settingList) {
    const [issue] = refusal({ [name]: '"x"' }).issues

    assert.deepEqual(issue, {
      name,
      fix: 'it has quotes around it; remove them',
    })
  }
})

function isSecret(name: string): boolean {
  return ['SECRET', 'DATABASE_URL', 'REDIS_URL', 'SMTP_URL'].includes(name)
}
