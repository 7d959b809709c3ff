// runs once
import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Environment, loadConfig } from '../../src/config/config.ts'
import { settingWarnings } from '../../src/config/warnings.ts'
import { namesOf, PRODUCTION, refusal } from '../support/config.ts'
import { scratchDirectory } from '../support/databases.ts'

const HIDDEN = 'hunter2-Zq8'
const KEYCLOAK = {
  OIDC_PROVIDERS: 'keycloak',
  OIDC_KEYCLOAK_ISSUER: 'https://id.example.org/realms/people',
  OIDC_KEYCLOAK_CLIENT_ID: 'latchkey',
}

/** A provider with its credentials, which is all that a preset needs. */
function preset(id: string, more: Environment = {}): Environment {
  const name = id.toUpperCase().replaceAll('-', '_')
  const credentials = { [`OIDC_${name}_CLIENT_ID`]: 'a', [`OIDC_${name}_CLIENT_SECRET`]: HIDDEN }
  return { OIDC_PROVIDERS: id, ...credentials, ...more }
}

const providerIn = (env: Environment) => loadConfig(env).providers[0]
const issuesOf = (env: Environment) => refusal(env).issues.map(({ name, fix }) => `${name}: ${fix}`)

test('a provider by issuer is three settings; without a secret it is a public client', () => {
  assert.deepEqual(loadConfig({ ...PRODUCTION, ...KEYCLOAK }).providers, [
    {
      ...{ id: 'keycloak', name: 'keycloak', protocol: 'oidc' },
      issuer: 'https://id.example.org/realms/people',
      ...{ clientId: 'latchkey', clientSecret: undefined },
      ...{ scope: 'openid profile email', responseMode: 'query' },
      ...{ verifiedClaim: 'email_verified', trustEmail: 'verified', trustMfa: [] },
    },
  ])
})

for (const [id, issuer, more] of [
  ['google', 'https://accounts.google.com', {}],
  ['microsoft', 'https://login.microsoftonline.com/common/v2.0', { verifiedClaim: 'xms_edov' }],
  ['apple', 'https://appleid.apple.com', { responseMode: 'form_post', scope: 'openid name email' }],
  ['github', 'https://github.com', { protocol: 'github', scope: 'read:user user:email' }],
] as const) {
  test(`the preset ${id} needs its credentials only`, () => {
    const { name, ...provider } = providerIn({ ...PRODUCTION, ...preset(id) }) ?? {}

    assert.equal(name?.toLowerCase(), id)
    assert.deepEqual(provider, {
      ...{ id, issuer, protocol: 'oidc', clientId: 'a', clientSecret: HIDDEN },
      ...{ scope: 'openid profile email', responseMode: 'query' },
      ...{ verifiedClaim: 'email_verified', trustEmail: 'verified', trustMfa: [] },
      ...more,
    })
    const name_ = `OIDC_${id.toUpperCase()}_CLIENT_SECRET`
    assert.deepEqual(namesOf(refusal(preset(id, { [name_]: undefined })).issues), [name_])
  })
}

test('providers keep their order, ids with a dash have names with an underscore', () => {
  const env = {
    ...preset('my-id-2', { OIDC_MY_ID_2_ISSUER: 'https://id.example.org/' }),
    ...preset('google'),
    OIDC_PROVIDERS: 'my-id-2, google',
  }

  const { providers } = loadConfig(env)

  assert.deepEqual(
    providers.map(({ id, issuer }) => [id, issuer]),
    [
      ['my-id-2', 'https://id.example.org/'],
      ['google', 'https://accounts.google.com'],
    ],
  )
})

test('an id that objects have by themselves is one like any other', () => {
  const env = preset('constructor', { OIDC_CONSTRUCTOR_ISSUER: 'https://id.example.org' })

  assert.equal(providerIn(env)?.name, 'constructor')
})

for (const [id, issuer] of [
  ['microsoft', 'https://login.microsoftonline.com/9fd8e5f0-1b2c-4d3e-8f90-a1b2c3d4e5f6/v2.0'],
  ['microsoft', 'https://login.microsoftonline.us/9fd8e5f0-1b2c-4d3e-8f90-a1b2c3d4e5f6/v2.0'],
  ['github', 'https://github.example.org'],
  ['google', 'https://accounts.google.com'],
] as const) {
  test(`the preset ${id} takes the issuer ${issuer}`, () => {
    const name = `OIDC_${id.toUpperCase()}_ISSUER`

    assert.equal(providerIn({ ...PRODUCTION, ...preset(id, { [name]: issuer }) })?.issuer, issuer)
  })
}

for (const [id, issuer] of [
  ['google', 'https://accounts.google.com/'],
  ['google', 'https://id.example.org'],
  ['apple', 'https://id.example.org'],
  ['microsoft', 'https://login.microsoftonline.com/common'],
  ['microsoft', 'https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0'],
  ['github', 'https://github.example.org/login'],
] as const) {
  test(`the preset ${id} refuses the issuer ${issuer}`, () => {
    const name = `OIDC_${id.toUpperCase()}_ISSUER`

    assert.deepEqual(namesOf(refusal(preset(id, { [name]: issuer })).issues), [name])
  })
}

test('an issuer on this machine is for tests: any provider may have one, outside production', () => {
  for (const host of ['localhost', '127.0.0.1:8080', '[::1]:8080']) {
    const apple = preset('apple', { OIDC_APPLE_ISSUER: `http://${host}` })
    const keycloak = { ...KEYCLOAK, OIDC_KEYCLOAK_ISSUER: `http://${host}/realms/a` }

    assert.equal(providerIn(apple)?.issuer, `http://${host}`)
    assert.equal(providerIn(keycloak)?.issuer, `http://${host}/realms/a`)
    for (const env of [apple, keycloak])
      assert.match(refusal({ ...PRODUCTION, ...env }).message, /_ISSUER: in production .* https/)
  }
})

for (const [suffix, values] of [
  [
    'ISSUER',
    [
      '',
      'id.example.org',
      'http://id.example.org',
      'http://127.0.0.2',
      'https://id.example.org?a',
      'https://id.example.org?',
      'https://id.example.org/#',
      `https://me:${HIDDEN}@id.example.org`,
      'https://id.example.org/a b',
      'https://id.example.org/\u001b[2J',
      'https://id.example.org/é',
      'https:\\\\id.example.org',
      'https:id.example.org',
      'https://',
      'https://id.example.org/.well-known/openid-configuration',
      `https://id.example.org/${'a'.repeat(255)}`,
    ],
  ],
  ['CLIENT_ID', ['', ' a', 'a ', 'ä', 'a\nb', 'a'.repeat(256)]],
  ['CLIENT_SECRET', ['', ` ${HIDDEN}`, `${HIDDEN}\n`, `${HIDDEN}é`, HIDDEN.repeat(400)]],
  ['NAME', ['', ' a', 'a ', 'a\nb', 'a\u202eb', 'a'.repeat(51)]],
  ['TRUST_EMAIL', ['', 'Verified', 'true', 'on']],
  ['TRUST_MFA', ['a b', 'a,,b', 'é', 'a'.repeat(201), 'abcdefghijklmnopqrstu'.split('').join()]],
] as const) {
  test(`a wrong OIDC_<ID>_${suffix} is refused alone, and nothing is repeated`, () => {
    const name = `OIDC_KEYCLOAK_${suffix}`
    for (const value of values) {
      const { issues, message } = refusal({ ...KEYCLOAK, [name]: value })

      assert.deepEqual(namesOf(issues), [name], JSON.stringify(value))
      assert.ok(!message.includes(HIDDEN))
    }
    assert.deepEqual(refusal({ ...KEYCLOAK, [name]: '"x"' }).issues, [
      { name, fix: 'it has quotes around it; remove them' },
    ])
  })
}

test('TRUST_EMAIL=always is refused where strangers have accounts, under any id', () => {
  const tenant = 'https://login.microsoftonline.com/9fd8e5f0-1b2c-4d3e-8f90-a1b2c3d4e5f6/v2.0'
  const always = (id: string, issuer?: string) => {
    const name = `OIDC_${id.toUpperCase()}_`
    const own = issuer === undefined ? {} : { [`${name}ISSUER`]: issuer }
    return preset(id, { ...own, [`${name}TRUST_EMAIL`]: 'always' })
  }
  const microsoft = (place: string) => `https://login.microsoftonline.com/${place}/v2.0`

  for (const env of [
    ...['google', 'microsoft', 'apple', 'github'].map((id) => always(id)),
    ...['common', 'organizations', 'consumers'].map((at) => always('microsoft', microsoft(at))),
    always('g', 'https://accounts.google.com'),
    always('lab', 'https://gitlab.com'),
  ])
    assert.match(
      issuesOf(env).join(),
      /^OIDC_\w+_TRUST_EMAIL: everybody can have an account there[^:]+$/,
    )
  for (const env of [
    always('microsoft', tenant),
    always('github', 'https://github.example.org'),
    always('x', 'https://accounts.google.com.example.org'),
  ])
    assert.equal(providerIn({ ...PRODUCTION, ...env })?.trustEmail, 'always')
})

test('GitHub does not tell of second factors, so none can be trusted', () => {
  assert.match(
    issuesOf(preset('github', { OIDC_GITHUB_TRUST_MFA: 'mfa' })).join(),
    /^OIDC_GITHUB_TRUST_MFA: GitHub/,
  )
})

test('a client secret comes from a file, which production examines like the others', (t) => {
  const path = join(scratchDirectory(t), 'secret')
  writeFileSync(path, `${HIDDEN}\n`)
  chmodSync(path, 0o600)
  const env = { ...PRODUCTION, ...KEYCLOAK, OIDC_KEYCLOAK_CLIENT_SECRET_FILE: path }

  assert.equal(providerIn(env)?.clientSecret, HIDDEN)
  assert.deepEqual(settingWarnings(env, Object.keys(KEYCLOAK)), [])
  assert.deepEqual(namesOf(refusal({ ...env, OIDC_KEYCLOAK_CLIENT_SECRET: HIDDEN }).issues), [
    'OIDC_KEYCLOAK_CLIENT_SECRET',
  ])
  if (process.platform === 'win32') return
  chmodSync(path, 0o644)
  assert.deepEqual(namesOf(settingWarnings(env)), ['OIDC_KEYCLOAK_CLIENT_SECRET_FILE'])
  chmodSync(path, 0o666)
  assert.match(issuesOf(env).join(), /^OIDC_KEYCLOAK_CLIENT_SECRET_FILE: others may write/)
})

test('what is missing or wrong is named at once, for all providers, without any value', () => {
  const env = {
    ...{ OIDC_PROVIDERS: 'google,keycloak', OIDC_GOOGLE_TRUST_EMAIL: 'always', PORT: 'x' },
    ...{ OIDC_GOOGLE_CLIENT_SECRET: `"${HIDDEN}"`, OIDC_KEYCLOAK_CLIENTSECRET: HIDDEN },
  }

  const { issues, message } = refusal(env)

  assert.deepEqual(namesOf(issues), [
    'PORT',
    'OIDC_GOOGLE_CLIENT_SECRET',
    'OIDC_GOOGLE_CLIENT_ID',
    'OIDC_GOOGLE_TRUST_EMAIL',
    'OIDC_KEYCLOAK_ISSUER',
    'OIDC_KEYCLOAK_CLIENT_ID',
    'OIDC_KEYCLOAK_CLIENTSECRET',
  ])
  assert.ok(!message.includes(HIDDEN))
})

for (const [name, meant] of [
  ['OIDC_KEYCLOAK_CLIENTSECRET', 'write OIDC_KEYCLOAK_CLIENT_SECRET'],
  ['OIDC_KEYCLOAK_SECRET', 'write OIDC_KEYCLOAK_CLIENT_SECRET'],
  ['OIDC_KEYCLOACK_CLIENT_SECRET', 'write OIDC_KEYCLOAK_CLIENT_SECRET'],
  ['OIDC_KEYCLOAK_CLIENT_SECRET_FIEL', 'write OIDC_KEYCLOAK_CLIENT_SECRET_FILE'],
  ['OIDC_KEYCLOAK_TRUST_EMAILS', 'write OIDC_KEYCLOAK_TRUST_EMAIL'],
  ['oidc_keycloak_name', 'write OIDC_KEYCLOAK_NAME'],
  ['OIDC_KEYCLOAK_SCOPE', 'there are OIDC_<ID>_ISSUER'],
  ['OIDC_CLIENT_SECRET', 'there are OIDC_<ID>_ISSUER'],
  ['OIDC_GITHUB_CLIENT_SECRET', 'OIDC_PROVIDERS does not list github; add it'],
  ['OIDC_MY_ID_ISSUER', 'OIDC_PROVIDERS does not list my-id; add it'],
] as const) {
  test(`${name} does not name a setting, and the message says what is meant`, () => {
    const env = { ...KEYCLOAK, [name]: HIDDEN }

    const [told = '', ...others] = issuesOf(env)

    assert.deepEqual(others, [])
    assert.ok(told.startsWith(`${name}: `) && told.includes(meant), told)
    assert.ok(!told.includes(HIDDEN))
    assert.deepEqual(settingWarnings(env, [name]), [], 'an error is no warning, too')
  })
}

test('a wrong list is named once, and hides nothing of those that it names', () => {
  const credentials = preset('google')

  for (const OIDC_PROVIDERS of ['google,', 'google,google', 'google,key_cloak'])
    assert.deepEqual(namesOf(refusal({ ...credentials, OIDC_PROVIDERS }).issues), [
      'OIDC_PROVIDERS',
    ])
  assert.deepEqual(namesOf(refusal({ OIDC_PROVIDERS: 'google,' }).issues), [
    'OIDC_PROVIDERS',
    'OIDC_GOOGLE_CLIENT_ID',
    'OIDC_GOOGLE_CLIENT_SECRET',
  ])
  assert.match(
    issuesOf({ OIDC_PROVIDERS: 'abcdefghijk'.split('').join() }).join(),
    /^OIDC_PROVIDERS: it lists 11 providers; the maximum is 10,/,
  )
})

test('a list that is left out, or misspelt, is found by what is left over', () => {
  const { OIDC_PROVIDERS: _, ...rest } = KEYCLOAK

  assert.deepEqual(issuesOf(rest), [
    'OIDC_KEYCLOAK_ISSUER: OIDC_PROVIDERS does not list keycloak; add it there, or remove this setting',
    'OIDC_KEYCLOAK_CLIENT_ID: OIDC_PROVIDERS does not list keycloak; add it there, or remove this setting',
  ])
  assert.deepEqual(issuesOf({ OIDC_PROVIDER: 'keycloak' }), [
    'OIDC_PROVIDER: it is not a setting; write OIDC_PROVIDERS',
  ])
  assert.deepEqual(namesOf(refusal({ ...KEYCLOAK, OIDC_PROVIDERS: 'keycloak,Google' }).issues), [
    'OIDC_PROVIDERS',
  ])
})

test('names that Kubernetes sets for a service called oidc stop nothing', () => {
  const env = {
    ...{ OIDC_SERVICE_HOST: '10.0.0.1', OIDC_SERVICE_PORT: '80', OIDC_SERVICE_PORT_HTTP: '80' },
    ...{ OIDC_PORT: 'tcp://10.0.0.1:80', OIDC_PORT_80_TCP: 'tcp://10.0.0.1:80' },
    ...{ OIDC_PORT_80_TCP_PROTO: 'tcp', OIDC_PROXY_PORT_80_TCP_ADDR: '10.0.0.1' },
  }

  assert.deepEqual(loadConfig(env), loadConfig({}))
  assert.deepEqual(settingWarnings(env), [])
})
