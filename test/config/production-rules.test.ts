// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { namesOf, PRODUCTION, refusal } from '../support/config.ts'

for (const [title, env, names] of [
  [
    'no address of its own and no secret',
    { PUBLIC_URL: undefined, SECRET: undefined },
    ['PUBLIC_URL', 'SECRET'],
  ],
  ['a plain http address', { PUBLIC_URL: 'http://auth.example.org' }, ['PUBLIC_URL']],
  ['a frontend on plain http', { CORS_ORIGINS: 'http://app.example.org' }, ['CORS_ORIGINS']],
  ['passkeys on plain http', { WEBAUTHN_ORIGINS: 'http://app.example.org' }, ['WEBAUTHN_ORIGINS']],
  ['verified addresses and no relay', { EMAIL_VERIFICATION: 'required' }, ['EMAIL_VERIFICATION']],
  ['a relay and no sender', { SMTP_URL: 'smtps://u:p@mail.example.org' }, ['MAIL_FROM']],
  ['links over plain http', { MAIL_LINKS: 'http://app.example.org/mail' }, ['MAIL_LINKS']],
  [
    'hash ranges over plain http',
    { BREACHED_PASSWORDS: 'http://127.0.0.1:8080' },
    ['BREACHED_PASSWORDS'],
  ],
  ['limits switched off', { RATE_LIMITS: 'off' }, ['RATE_LIMITS']],
  ['a cheap password hash', { ARGON2_MEMORY_KIB: '19455' }, ['ARGON2_MEMORY_KIB']],
  [
    'a database without a password',
    { DATABASE_URL: 'mysql://root@db/accounts?tls=on' },
    ['DATABASE_URL'],
  ],
  [
    'a database with a sample password',
    { DATABASE_URL: 'mysql://app:Password1@db/accounts?tls=on' },
    ['DATABASE_URL'],
  ],
  [
    'a database with a sample password that is percent-encoded',
    { DATABASE_URL: 'mysql://app:p%61ssw%6frd%31@db/accounts?tls=on' },
    ['DATABASE_URL'],
  ],
  [
    'a database with a short password that is percent-encoded',
    { DATABASE_URL: 'mysql://app:%6b%37%71@db/accounts?tls=on' },
    ['DATABASE_URL'],
  ],
] as const) {
  test(`a production start is refused with ${title}, which development allows`, () => {
    assert.deepEqual(namesOf(refusal({ ...PRODUCTION, ...env }).issues), names)
    assert.doesNotThrow(() => loadConfig({ ...PRODUCTION, ...env, NODE_ENV: 'development' }))
  })
}

const REMOTE = 'mysql://app:k7qz-93hT@db.internal/accounts'

for (const [title, env, name] of [
  ['a remote database without TLS', { DATABASE_URL: REMOTE }, 'DATABASE_URL'],
  ['TLS switched off by its older name', { DATABASE_URL: `${REMOTE}?ssl=false` }, 'DATABASE_URL'],
  ['a remote Redis without TLS', { REDIS_URL: 'redis://:p@cache' }, 'REDIS_URL'],
  ['a remote Redis without a password', { REDIS_URL: 'rediss://cache' }, 'REDIS_URL'],
  ['no password, TLS or not', { REDIS_URL: 'redis://cache?tls=off' }, 'REDIS_URL'],
  ['a user without a password', { REDIS_URL: 'rediss://user@cache' }, 'REDIS_URL'],
  ['one remote node without TLS', { REDIS_URL: 'redis+cluster://:p@localhost,b' }, 'REDIS_URL'],
  ['Sentinels on this machine', { REDIS_URL: 'redis+sentinel://:p@localhost/name' }, 'REDIS_URL'],
  ['Sentinels without TLS', { REDIS_URL: 'redis+sentinel://:p@a,b/name' }, 'REDIS_URL'],
] as const) {
  test(`production refuses to start with ${title} and names the fix; development allows it`, () => {
    const { issues, message } = refusal({ ...PRODUCTION, ...env })

    assert.deepEqual(namesOf(issues), [name])
    assert.match(message, /tls=off|needs a password/)
    assert.doesNotMatch(message, /k7qz|:p@cache|db\.internal/)
    assert.doesNotThrow(() => loadConfig({ ...PRODUCTION, ...env, NODE_ENV: 'development' }))
  })
}

test('production accepts encrypted connections, ?tls=off, and connections on this machine', () => {
  for (const env of [
    { DATABASE_URL: `${REMOTE}?tls=on` },
    { DATABASE_URL: `${REMOTE}?ssl=true` },
    { DATABASE_URL: `${REMOTE}?tls=off` },
    { DATABASE_URL: 'mysql://root@127.0.0.2/accounts' },
    { DATABASE_URL: 'mysql://root@[::1]/accounts' },
    { DATABASE_URL: 'file:./data/latchkey.db' },
    { REDIS_URL: 'rediss://:p@cache' },
    { REDIS_URL: 'redis://:p@cache?tls=off' },
    { REDIS_URL: 'redis://localhost' },
    { REDIS_URL: 'redis+cluster://127.0.0.1:7000,[::1]:7001' },
    { REDIS_URL: 'rediss+cluster://user:p@a,b' },
    { REDIS_URL: 'rediss+sentinel://:p@a,b/name?sentinelPassword=q' },
    { REDIS_URL: 'redis+sentinel://:p@a,b/name?tls=off' },
  ]) {
    assert.doesNotThrow(() => loadConfig({ ...PRODUCTION, ...env }), JSON.stringify(env))
  }
})

test('mariadb:// means the same as mysql://', () => {
  const [mariadb, mysql] = ['mariadb', 'mysql'].map(
    (scheme) => loadConfig({ DATABASE_URL: `${scheme}://app:pw@db/accounts?tls=on` }).database,
  )

  assert.deepEqual(mariadb, mysql)
  const plain = { ...PRODUCTION, DATABASE_URL: REMOTE.replace('mysql', 'mariadb') }
  assert.deepEqual(namesOf(refusal(plain).issues), ['DATABASE_URL'])
})

test('production on this machine alone may go without https and without a database password', () => {
  for (const address of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:8080']) {
    const env = { PUBLIC_URL: address, DATABASE_URL: 'mysql://root@127.0.0.1/accounts' }

    assert.equal(loadConfig({ ...PRODUCTION, ...env }).http.publicUrl.origin, address)
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
