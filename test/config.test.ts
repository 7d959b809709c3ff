// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { settingsPage } from '../scripts/settings-page.ts'
import { ConfigError, type Environment, loadConfig, type ReadSecretFile } from '../src/config.ts'
import { type SettingName, settings } from '../src/config-settings.ts'
import { ownSecret } from '../src/platform/secret.ts'

const SECRET = newSecret()
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.org', SECRET }

const BAD_VALUES: Record<SettingName, string[]> = {
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
    'mysql://localhost',
    'mysql://localhost/',
    'mysql://localhost/a/b',
    'mysql://u:%ZZ@localhost/db',
    'mysql://u@localhost/db?SSL=true',
    'mysql://u@localhost/db?ssl=yes',
    'mysql://u@localhost/db?ssl=true&ssl=false',
    'mysql://u@localhost/db?multipleStatements=true',
    'mysql://',
  ],
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
  ],
  RATE_LIMITS: ['', 'true', 'ON', '0'],
  WORKERS: ['', '0', '65', '2.0', 'auto'],
  UV_THREADPOOL_SIZE: ['', '0', '1025', '4.0'],
  SIGN_IN_FAILURES_MAX: ['', '9', '101', '1e2', ' 50'],
  LOG_LEVEL: ['', 'verbose', 'INFO'],
  METRICS: ['', 'yes', '1'],
  ARGON2_MEMORY_KIB: ['', '7', '1048577', '19MB', '-1'],
  ARGON2_TIME: ['', '0', '21', '2.5'],
  ARGON2_PARALLELISM: ['', '0', '17'],
}

test('an empty environment gives the documented defaults of development', () => {
  assert.deepEqual(loadConfig({}), {
    production: false,
    http: {
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      origin: 'http://localhost:3000',
      basePath: '',
      allowedOrigins: ['http://localhost:3000'],
      trustProxy: [],
    },
    database: { url: 'file:./data/latchkey.db' },
    uploads: { directory: './data/uploads' },
    secrets: undefined,
    lifetimes: {
      accessSeconds: 900,
      refreshSeconds: 2_592_000,
      sessionSeconds: 7_776_000,
      graceSeconds: 30,
      forgivesUnseen: true,
    },
    redisUrl: undefined,
    rateLimits: true,
    signIn: { failuresMax: 100 },
    log: { level: 'info' },
    metrics: false,
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
    UPLOADS_DIR: '/srv/uploads',
    SECRET: `${SECRET}, ${older}`,
    ACCESS_TOKEN_TTL: '5m',
    REFRESH_TOKEN_TTL: '12h',
    SESSION_MAX_AGE: '12h',
    REFRESH_GRACE: '0s',
    REFRESH_UNSEEN: 'off',
    CORS_ORIGINS:
      'https://app.example.org, http://localhost:5173,capacitor://localhost,https://app.example.org',
    TRUST_PROXY: '127.0.0.1, 10.0.0.0/8,fd00::/8',
    REDIS_URL: 'rediss://:p@cache.internal:6380/1',
    RATE_LIMITS: 'on',
    LOG_LEVEL: 'warn',
    METRICS: 'on',
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
      publicUrl: 'https://auth.example.org',
      origin: 'https://auth.example.org',
      basePath: '',
      allowedOrigins: [
        'https://auth.example.org',
        'https://app.example.org',
        'http://localhost:5173',
        'capacitor://localhost',
      ],
      trustProxy: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
    },
    database: { url: 'mysql://app:k7%2Fqz-93hT@db.internal:3306/accounts?ssl=true' },
    uploads: { directory: '/srv/uploads' },
    secrets: [Buffer.from(SECRET), Buffer.from(older)],
    lifetimes: {
      accessSeconds: 300,
      refreshSeconds: 43_200,
      sessionSeconds: 43_200,
      graceSeconds: 0,
      forgivesUnseen: false,
    },
    redisUrl: 'rediss://:p@cache.internal:6380/1',
    rateLimits: true,
    signIn: { failuresMax: 100 },
    log: { level: 'warn' },
    metrics: true,
    argon2: { memoryKib: 12_288, time: 3, parallelism: 4 },
    workers: 4,
    poolThreads: 4,
  })
})

test('settings once read cannot be changed', () => {
  const config = loadConfig(PRODUCTION)

  const write = () => Object.assign(config.http.allowedOrigins, ['https://other.example'])

  assert.throws(write, TypeError)
  assert.throws(() => Object.assign(config.lifetimes, { accessSeconds: 1 }), TypeError)
})

for (const [name, values] of Object.entries(BAD_VALUES)) {
  test(`a start with a bad ${name} is refused by that name alone, without repeating a secret`, () => {
    for (const value of values) {
      const { faults, message } = refusal({ [name]: value })

      assert.deepEqual(namesOf(faults), [name], `${JSON.stringify(value)}: ${message}`)
      if (isSecret(name) && value.length > 12) assert.ok(!message.includes(value))
    }
  })
}

test('settings for which empty means none may be empty', () => {
  const config = loadConfig({ CORS_ORIGINS: '', TRUST_PROXY: '', REDIS_URL: '' })

  assert.deepEqual(config, loadConfig({}))
})

test('a length of time without a unit is refused with the unit as the cure', () => {
  assert.deepEqual(refusal({ ACCESS_TOKEN_TTL: '500' }).faults, [
    { name: 'ACCESS_TOKEN_TTL', cure: '"500" has no unit; write for example 500s (s, m, h or d)' },
  ])
})

test('every bad setting is named in one refusal', () => {
  const { faults, message } = refusal({ PORT: 'x', METRICS: 'x', SECRET: 'x', RATE_LIMITS: '' })

  assert.deepEqual(namesOf(faults), ['PORT', 'SECRET', 'RATE_LIMITS', 'METRICS'])
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
] as const) {
  test(`contradictory settings are refused: ${title}`, () => {
    assert.deepEqual(namesOf(refusal(env).faults), names)
    assert.deepEqual(namesOf(refusal({ ...PRODUCTION, ...env }).faults.slice(0, 1)), names)
  })
}

for (const [title, env, names] of [
  [
    'no address of its own and no secret',
    { PUBLIC_URL: undefined, SECRET: undefined },
    ['PUBLIC_URL', 'SECRET'],
  ],
  ['a plain http address', { PUBLIC_URL: 'http://auth.example.org' }, ['PUBLIC_URL']],
  ['a frontend on plain http', { CORS_ORIGINS: 'http://app.example.org' }, ['CORS_ORIGINS']],
  ['limits switched off', { RATE_LIMITS: 'off' }, ['RATE_LIMITS']],
  ['a cheap password hash', { ARGON2_MEMORY_KIB: '19455' }, ['ARGON2_MEMORY_KIB']],
  ['a database without a password', { DATABASE_URL: 'mysql://root@db/accounts' }, ['DATABASE_URL']],
  [
    'a database with a sample password',
    { DATABASE_URL: 'mysql://app:Password1@db/accounts' },
    ['DATABASE_URL'],
  ],
] as const) {
  test(`a production start is refused with ${title}, which development allows`, () => {
    assert.deepEqual(namesOf(refusal({ ...PRODUCTION, ...env }).faults), names)
    assert.doesNotThrow(() => loadConfig({ ...PRODUCTION, ...env, NODE_ENV: 'development' }))
  })
}

test('production on this machine alone may go without https and without a database password', () => {
  for (const address of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:8080']) {
    const env = { PUBLIC_URL: address, DATABASE_URL: 'mysql://root@127.0.0.1/accounts' }

    assert.equal(loadConfig({ ...PRODUCTION, ...env }).http.origin, address)
  }
})

test('each equal strength of OWASP is enough for production', () => {
  for (const [memory, time] of [
    [47_104, 1],
    [19_456, 2],
    [12_288, 3],
    [9216, 4],
    [7168, 5],
    [7168, 20],
  ]) {
    const env = { ARGON2_MEMORY_KIB: `${memory}`, ARGON2_TIME: `${time}` }

    assert.equal(loadConfig({ ...PRODUCTION, ...env }).argon2.memoryKib, memory)
  }
})

test('secrets come from the files that NAME_FILE names, without the line end', () => {
  const files: Record<string, string> = {
    '/run/secret': `${SECRET}\n`,
    '/run/database': 'mysql://app:k7qz-93hT@db/accounts\r\n',
    '/run/redis': 'redis://cache:6379',
  }

  const config = loadConfig(
    {
      SECRET_FILE: '/run/secret',
      DATABASE_URL_FILE: '/run/database',
      REDIS_URL_FILE: '/run/redis',
    },
    (path) => files[path] ?? '',
  )

  assert.deepEqual(config.secrets, [Buffer.from(SECRET)])
  assert.equal(config.database.url, 'mysql://app:k7qz-93hT@db/accounts')
  assert.equal(config.redisUrl, 'redis://cache:6379')
})

test('a secret file satisfies production, and a bad one is refused by its own name', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'secret')
  const env = { NODE_ENV: 'production', PUBLIC_URL: 'https://a.example', SECRET_FILE: path }

  assert.deepEqual(namesOf(refusal(env).faults), ['SECRET_FILE'])
  await writeFile(path, '')
  assert.deepEqual(namesOf(refusal(env).faults), ['SECRET_FILE'])
  await writeFile(path, 'x'.repeat(70_000))
  assert.deepEqual(namesOf(refusal(env).faults), ['SECRET_FILE'])
  await writeFile(path, `${SECRET}\n`)
  assert.deepEqual(loadConfig(env).secrets, [Buffer.from(SECRET)])
})

test('a secret given in two ways is contradictory and refused', () => {
  const { faults } = refusal({ SECRET, SECRET_FILE: '/run/secret' }, () => SECRET)

  assert.deepEqual(faults, [
    { name: 'SECRET', cure: 'SECRET and SECRET_FILE are both set; keep one of them' },
  ])
})

test('twenty processes that start at once make one secret that only its owner may read', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'data', 'secret')

  const secrets = await Promise.all(Array.from({ length: 20 }, () => ownSecret(path)))

  assert.equal(new Set(secrets.map(String)).size, 1)
  assert.equal((await readFile(path, 'utf8')).trim(), String(secrets[0]))
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(join(folder, 'data')), ['secret'])
  assert.deepEqual(await ownSecret(path), secrets[0])
})

test('a secret file that others may read or that is too short is refused with the cure', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'secret')
  await writeFile(path, 'short', { mode: 0o600 })

  await assert.rejects(ownSecret(path), /SECRET: .* has fewer than 32 bytes; restore it/)
  await writeFile(path, SECRET)
  await chmod(path, 0o644)
  await assert.rejects(ownSecret(path), /SECRET: others may read .*; run: chmod 600/)
})

test('the settings page says what the code does', async () => {
  const page = await readFile(new URL('../docs/settings.md', import.meta.url), 'utf8')

  assert.equal(page, settingsPage(), 'run: npm run docs:settings')
})

test('the sample environment names every setting with its default', async () => {
  const sample = await readFile(new URL('../.env.example', import.meta.url), 'utf8')

  for (const [name, { standard = '' }] of Object.entries(settings)) {
    if (name !== 'NODE_ENV') assert.ok(sample.includes(`\n# ${name}=${standard}\n`), name)
  }
})

function refusal(env: Environment, readFile?: ReadSecretFile): ConfigError {
  try {
    loadConfig(env, readFile)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error
  }
  return assert.fail(`accepted: ${JSON.stringify(env)}`)
}

function namesOf(faults: readonly { name: string }[]): string[] {
  return faults.map(({ name }) => name)
}

function isSecret(name: string): boolean {
  return ['SECRET', 'DATABASE_URL', 'REDIS_URL'].includes(name)
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a server on another port keeps the address of the contract', () => {
  const moved = loadConfig({ PORT: '3001' })
  const named = loadConfig({ PORT: '3001', PUBLIC_URL: 'http://localhost:4000' })

  assert.equal(moved.http.publicUrl, 'http://localhost:3000')
  assert.deepEqual(moved.http.allowedOrigins, ['http://localhost:3000'])
  assert.deepEqual(named.http.allowedOrigins, ['http://localhost:4000'])
})

for (const [address, publicUrl, basePath] of [
  ['https://example.org/auth', 'https://example.org/auth', '/auth'],
  ['HTTPS://Example.org:443/Auth/', 'https://example.org/Auth', '/Auth'],
  ['https://example.org/v1.0/a_~-b', 'https://example.org/v1.0/a_~-b', '/v1.0/a_~-b'],
  ['https://example.org/...', 'https://example.org/...', '/...'],
  ['https://example.org/', 'https://example.org', ''],
] as const) {
  test(`PUBLIC_URL=${address} has the path ${basePath || 'of nothing'}`, () => {
    const { http } = loadConfig({ PUBLIC_URL: address })

    const { origin } = new URL(address)
    assert.deepEqual(
      [http.publicUrl, http.origin, http.basePath, http.allowedOrigins],
      [publicUrl, origin, basePath, [origin]],
    )
  })
}
