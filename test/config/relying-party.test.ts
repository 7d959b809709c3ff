// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { relyingPartyOf } from '../../src/config/relying-party.ts'

for (const [title, env, rpIds] of [
  ['the host of PUBLIC_URL', {}, ['localhost']],
  ['without its port', { PUBLIC_URL: 'https://Auth.example.org:8443/x' }, ['auth.example.org']],
  ['none where that is an IPv4 address', { PUBLIC_URL: 'http://127.0.0.1:3000' }, []],
  ['none where that is an IPv6 address', { PUBLIC_URL: 'http://[::1]:3000' }, []],
  [
    'another one where it is set',
    { PUBLIC_URL: 'http://127.0.0.1:3000', WEBAUTHN_RP_ID: 'localhost' },
    ['localhost'],
  ],
  [
    'several, in their order',
    { WEBAUTHN_RP_ID: 'example.org, example.com' },
    ['example.org', 'example.com'],
  ],
] as const) {
  test(`passkeys belong to ${title}`, () => {
    assert.deepEqual(relyingPartyOf(loadConfig(env)).rpIds, rpIds)
  })
}

test('passkeys are used at the origin of the server, at those of frontends, and at listed ones', () => {
  const config = loadConfig({
    PUBLIC_URL: 'https://example.org/auth',
    CORS_ORIGINS: 'https://app.example.org,https://example.org',
    WEBAUTHN_ORIGINS: 'https://example.com,https://app.example.org',
  })

  assert.deepEqual(relyingPartyOf(config).origins, [
    'https://example.org',
    'https://app.example.org',
    'https://example.com',
  ])
})
