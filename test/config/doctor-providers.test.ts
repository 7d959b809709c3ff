// runs once
import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { runDoctor, withServices } from '../../src/doctor/command.ts'
import { examineProviders } from '../../src/doctor/providers.ts'
import { latchkey } from '../support/operator.ts'

const HIDDEN = 'hunter2-Zq8'
const REGISTER = 'register: http://localhost:3000/oidc/keycloak/callback'
const GOOD = {
  authorization_response_iss_parameter_supported: true,
  code_challenge_methods_supported: ['plain', 'S256'],
  claims_supported: ['sub', 'email', 'email_verified'],
}
const FINE = [
  REGISTER,
  'clock: at most 30 s apart',
  'iss: its callbacks name it, and this is checked (RFC 9207)',
  'PKCE: S256',
  'e-mail: verified by the claim email_verified',
]

test('a provider that can be used is ok, and the address to register there is shown', async (t) => {
  const issuer = await provider(t)

  assert.deepEqual(await examineProviders(keycloak(issuer)), [
    { rule: 'provider', verdict: 'ok', text: `keycloak is ${issuer}.`, lines: FINE },
  ])
})

test('the address to register has the path of PUBLIC_URL, and the id as it is written', async (t) => {
  const issuer = await provider(t)
  const env = {
    ...{ PUBLIC_URL: 'https://example.org/auth/', OIDC_PROVIDERS: 'my-id' },
    ...{ OIDC_MY_ID_ISSUER: issuer, OIDC_MY_ID_CLIENT_ID: 'a', OIDC_MY_ID_NAME: 'My Org' },
  }

  const [finding] = await examineProviders(env)

  assert.equal(finding?.text, `my-id (My Org) is ${issuer}.`)
  assert.equal(finding.lines[0], 'register: https://example.org/auth/oidc/my-id/callback')
})

test('an issuer that is not the one of its document is told the setting to change', async (t) => {
  const issuer = await provider(t)

  const [finding] = await examineProviders(keycloak(`${issuer}/`))

  assert.equal(finding?.verdict, 'no')
  assert.deepEqual(finding.lines.slice(0, 3), [
    REGISTER,
    'issuer: its discovery document names another',
    `change: OIDC_KEYCLOAK_ISSUER=${issuer}`,
  ])
})

for (const named of [undefined, 7, 'id.example.org', 'https://id.example.org/\u001b[2J']) {
  test(`a document with the issuer ${JSON.stringify(named)} is not repeated`, async (t) => {
    const issuer = await provider(t, { issuer: named })

    const [finding] = await examineProviders(keycloak(issuer))

    assert.equal(finding?.verdict, 'no')
    assert.equal(finding.lines[1], 'issuer: its discovery document names none that can be used')
  })
}

test('what a provider lacks is a note: iss, S256, email_verified', async (t) => {
  const issuer = await provider(t, {
    authorization_response_iss_parameter_supported: 'true',
    code_challenge_methods_supported: ['plain'],
    claims_supported: undefined,
  })

  const [finding] = await examineProviders(keycloak(issuer))

  assert.equal(finding?.verdict, 'note')
  assert.deepEqual(
    finding.lines.slice(2).map((line) => line.split(/[;,]/)[0]),
    [
      'iss: its callbacks do not name it',
      'PKCE: it does not announce S256',
      'e-mail: it does not announce email_verified',
    ],
  )
})

for (const [trust, line] of [
  ['always', 'e-mail: counts as verified, by TRUST_EMAIL'],
  ['never', 'e-mail: never counts as verified, by TRUST_EMAIL'],
] as const) {
  test(`TRUST_EMAIL=${trust} says what an address is worth`, async (t) => {
    const env = { ...keycloak(await provider(t)), OIDC_KEYCLOAK_TRUST_EMAIL: trust }

    assert.deepEqual((await examineProviders(env))[0]?.lines.slice(-1), [line])
  })
}

for (const [seconds, verdict, line] of [
  [-25, 'ok', /^clock: at most 30 s apart$/],
  [25, 'ok', /^clock: at most 30 s apart$/],
  [-90, 'note', /^clock: this machine is (89|9\d) s ahead of it, .*; set the clock by NTP$/],
  [90, 'note', /^clock: this machine is (8\d|90|91) s behind it, /],
] as const) {
  test(`a clock that is ${seconds} s off at the provider is a matter of ${verdict}`, async (t) => {
    const issuer = await provider(t, {}, seconds)

    const [finding] = await examineProviders(keycloak(issuer))

    assert.equal(finding?.verdict, verdict)
    assert.match(finding.lines[1] ?? '', line)
  })
}

const away: [string, RequestListener, RegExp][] = [
  ['does not answer', () => undefined, /: no whole answer in time;/],
  ['begins an answer', (_, reply) => reply.writeHead(200).write('{'), /: no whole answer in time;/],
  ['hangs up', ({ socket }) => socket.destroy(), /: (UND_ERR_SOCKET|ECONNRESET);/],
  ['has no document', (_, reply) => reply.writeHead(404).end('{}'), / status 404 /],
  [
    'sends elsewhere',
    (_, reply) => reply.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    / status 302 /,
  ],
  ['answers with a page', (_, reply) => reply.end('<html>'), / something else than JSON;/],
  ['answers with a list', (_, reply) => reply.end('[]'), / something else than JSON;/],
  [
    'answers at length',
    (_, reply) => reply.end(`"${'a'.repeat(70_000)}"`),
    / more than 65536 bytes;/,
  ],
]

for (const [what, answer, reason] of away) {
  test(`a provider that ${what} is a note that says what to do`, async (t) => {
    const issuer = await listening(t, answer)

    const [finding] = await examineProviders(keycloak(issuer), 300)

    assert.equal(finding?.verdict, 'note')
    const line = finding.lines[1] ?? ''
    assert.ok(line.startsWith(`away: ${issuer}/.well-known/openid-configuration`), line)
    assert.match(line, reason)
    assert.match(line, /; check OIDC_KEYCLOAK_ISSUER, DNS and the firewall\. Until/)
  })
}

test('all providers are asked at the same time, so the slowest sets the time', async (t) => {
  const issuer = await listening(t, () => undefined)
  const ids = Array.from({ length: 10 }, (_, index) => `p${index}`)
  const env = Object.assign(
    { OIDC_PROVIDERS: ids.join() },
    ...ids.map((id) => ({
      [`OIDC_${id.toUpperCase()}_ISSUER`]: issuer,
      [`OIDC_${id.toUpperCase()}_CLIENT_ID`]: 'a',
    })),
  )
  const start = performance.now()

  const findings = await examineProviders(env, 500)

  assert.equal(findings.length, 10)
  assert.ok(performance.now() - start < 2500)
})

test('the presets say what their addresses are worth', async (t) => {
  const microsoft = await provider(t, { claims_supported: ['email'] })
  const github = await listening(t, (request, reply) => {
    assert.deepEqual([request.method, request.url], ['HEAD', '/'])
    reply.end()
  })

  const [first, second] = await examineProviders({
    OIDC_PROVIDERS: 'microsoft,github',
    ...{ OIDC_MICROSOFT_ISSUER: microsoft, OIDC_GITHUB_ISSUER: github },
    ...{ OIDC_MICROSOFT_CLIENT_ID: 'a', OIDC_MICROSOFT_CLIENT_SECRET: HIDDEN },
    ...{ OIDC_GITHUB_CLIENT_ID: 'a', OIDC_GITHUB_CLIENT_SECRET: HIDDEN },
  })

  assert.deepEqual(
    [first?.verdict, first?.lines.at(-1)],
    ['ok', 'e-mail: verified by the claim xms_edov; add it and email under Token configuration'],
  )
  assert.deepEqual(second?.lines, [
    'register: http://localhost:3000/oidc/github/callback',
    'clock: at most 30 s apart',
    'e-mail: the primary address, if GitHub verified it',
  ])
})

for (const [days, verdict, text] of [
  [100, 'ok', /^secret: ends on \d{4}-\d\d-\d\d$/],
  [5, 'note', /^secret: ends on \d{4}-\d\d-\d\d; make another before$/],
  [-1, 'no', /^secret: ended on \d{4}-\d\d-\d\d; make another OIDC_KEYCLOAK_CLIENT_SECRET$/],
] as const) {
  test(`a client secret that is a token and ends in ${days} days: ${verdict}`, async (t) => {
    const exp = Math.round(Date.now() / 1000) + days * 86_400
    const jwt = [{ alg: 'ES256' }, { exp }, 'signature'].map(encoded).join('.')
    const env = { ...keycloak(await provider(t)), OIDC_KEYCLOAK_CLIENT_SECRET: jwt }

    const [finding] = await examineProviders(env)

    assert.equal(finding?.verdict, verdict)
    assert.match(finding.lines.at(-1) ?? '', text)
    assert.ok(!JSON.stringify(finding).includes(jwt))
  })
}

test('secrets other than tokens with an end are left alone', async (t) => {
  const issuer = await provider(t)
  const without = [{ alg: 'ES256' }, { exp: 'soon' }, 'signature'].map(encoded).join('.')

  for (const OIDC_KEYCLOAK_CLIENT_SECRET of [HIDDEN, 'eyJ.a.b', without])
    assert.deepEqual(
      (await examineProviders({ ...keycloak(issuer), OIDC_KEYCLOAK_CLIENT_SECRET }))[0]?.lines,
      FINE,
    )
})

test('without providers, or with settings that stop the start, nobody is asked', async (t) => {
  let asked = 0
  const issuer = await listening(t, (_, reply) => reply.end(String(asked++)))

  assert.deepEqual(await examineProviders({}), [])
  assert.deepEqual(await examineProviders({ ...keycloak(issuer), PORT: 'x' }), [])
  assert.equal(asked, 0)
  const outcome = runDoctor(['--origin', 'http://localhost:5173'], {})
  assert.equal(withServices(outcome, []), outcome)
})

test('latchkey doctor shows providers below the rest; one that is wrong makes it exit with 1', async (t) => {
  const issuer = await provider(t)
  const ask = (env: Record<string, string>) =>
    latchkey(['doctor', '--origin', 'http://localhost:5173'], { env })

  const fine = await ask(keycloak(issuer))
  const wrong = await ask(keycloak(`${issuer}/`))

  assert.equal(fine.code, 0)
  assert.ok(
    fine.out.endsWith(
      `can use cookie transport.\n\nok    provider  keycloak is ${issuer}.\n${FINE.map((line) => `      ${line}\n`).join('')}`,
    ),
    fine.out,
  )
  assert.equal(wrong.code, 1)
  assert.ok(!`${fine.out}${wrong.out}`.includes(HIDDEN))
})

function keycloak(issuer: string) {
  return {
    ...{ OIDC_PROVIDERS: 'keycloak', OIDC_KEYCLOAK_ISSUER: issuer },
    ...{ OIDC_KEYCLOAK_CLIENT_ID: 'a', OIDC_KEYCLOAK_CLIENT_SECRET: HIDDEN },
  }
}

/** One whose document differs from a good one in these claims; its clock is so many seconds off. */
async function provider(t: TestContext, claims: object = {}, seconds = 0): Promise<string> {
  const address: string = await listening(t, ({ url }, reply) => {
    assert.equal(url, '/.well-known/openid-configuration')
    reply.setHeader('date', new Date(Date.now() + seconds * 1000).toUTCString())
    reply.end(JSON.stringify({ issuer: address, ...GOOD, ...claims }))
  })
  return address
}

async function listening(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
