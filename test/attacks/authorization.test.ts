// Attacks on who may do what: every kind of caller at every route, a route that nobody decided
// about, other spellings of a protected address, and headers that claim an identity.
// See also: fields that a body must not set, input.test.ts; what belongs to others,
// foreign.test.ts, ../houses/, ../photos/, ../sessions/, ../idempotency/ and enumeration.test.ts;
// sessions that end while a body arrives, ../http/late-requests.test.ts; two servers,
// ../sessions/two-servers.test.ts.
import assert from 'node:assert/strict'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createServer } from '../../src/http/app.ts'
import { statementsOf } from '../support/answers.ts'
import {
  adminOnly,
  at,
  COLUMNS,
  castOf,
  everybody,
  json,
  login,
  outcomeOf,
  ownerAlone,
  ownerOrAdmin,
  type Row,
  registration,
  signedInOnly,
  tryOut,
  upload,
} from '../support/callers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer, type TestServer, uniqueName } from '../support/helper.ts'
import { aHouse, newAdmin, sharedServer } from '../support/houses.ts'
import { routesOf } from '../support/routes.ts'

const shared = sharedServer()

// Who may do what: one row for each route of the server, one column for each kind of caller.

const FILES = [
  ...['/docs/json', '/docs/yaml', '/openapi.json', '/openapi.yaml'],
  ...['/client.js', '/client/passkeys.js', '/client/providers.js'],
].map((path): [string, Row] => [`GET ${path}`, { expected: everybody('200') }])

const MATRIX: Record<string, Row> = {
  ...Object.fromEntries(FILES),
  'GET /': { expected: everybody('303') },
  'GET /docs': { expected: everybody('200') },
  'GET /docs/static/index.html': { expected: everybody('302') },
  'GET /docs/static/{name}': {
    expected: everybody('200'),
    request: at('/docs/static/swagger-ui.css'),
  },
  'GET /problems': { expected: everybody('200') },
  'GET /problems/{code}': { expected: everybody('200'), request: at('/problems/not_owner') },
  'GET /mail': { expected: everybody('200') },
  'GET /admin': { expected: everybody('200') },
  'GET /admin/assets/{name}': {
    expected: everybody('404 not_found'),
    request: at('/admin/assets/nope.js'),
  },
  'GET /outbox': { expected: everybody('200') },
  'GET /livez': { expected: everybody('200') },
  'GET /readyz': { expected: everybody('200') },
  'GET /.well-known/jwks.json': { expected: everybody('200') },
  'GET /.well-known/webauthn': { expected: everybody('200') },
  'GET /.well-known/oauth-authorization-server': { expected: everybody('200') },
  'GET /.well-known/openid-configuration': { expected: everybody('200') },

  'POST /register': { expected: everybody('201'), request: registration },
  'POST /login': { expected: everybody('200'), request: login },
  'POST /logout': { expected: everybody('200'), ends: true },
  'POST /refresh': {
    expected: {
      ...everybody('200'),
      anonymous: '401 unauthenticated',
      badToken: '401 invalid_token',
      disabledAdmin: '401 session_ended',
    },
    request: ({ actor }) => (actor ? { payload: { refresh_token: actor.refresh_token } } : {}),
  },

  'POST /challenges': {
    expected: everybody('201'),
    request: () => ({ payload: { purpose: 'reset_password', login: uniqueName() } }),
  },
  'POST /challenges/send': {
    expected: everybody('410 challenge_over'),
    request: json({ challenge: 'nobody has made it' }),
  },
  'POST /challenges/answer': {
    expected: everybody('410 challenge_over'),
    request: json({
      ...{ challenge: 'nobody has made it', method: 'mail_code', code: '1234 5678' },
      newPassword: 'another horse, another battery',
    }),
  },

  'GET /providers': { expected: everybody('200') },
  'GET /oidc/{provider}/callback': {
    expected: everybody('410 challenge_over'),
    request: at('/oidc/google/callback?state=forged&code=x'),
  },
  'POST /oidc/{provider}/callback': {
    expected: everybody('410 challenge_over'),
    request: () => ({ url: '/oidc/google/callback', payload: { state: 'forged' } }),
  },

  'GET /verify': { expected: signedInOnly('200') },
  'GET /dashboard': { expected: signedInOnly('200') },
  'GET /me': { expected: signedInOnly('200') },
  'PATCH /me': { expected: signedInOnly('200'), request: json({ name: 'Ada' }) },
  'DELETE /me': {
    expected: signedInOnly('204'),
    request: json({ currentPassword: PASSWORD }),
    ends: true,
  },
  'PUT /password': {
    expected: signedInOnly('200'),
    request: json({ currentPassword: PASSWORD, newPassword: 'another horse, another battery' }),
    ends: true,
  },
  'GET /me/activity': { expected: signedInOnly('200') },
  'GET /me/export': { expected: signedInOnly('200') },
  'GET /sessions': { expected: signedInOnly('200') },
  'DELETE /sessions': { expected: signedInOnly('200') },
  'DELETE /sessions/{id}': { expected: ownerAlone('204') },

  // Before the owner has a factor.
  'POST /factors/recovery-codes': {
    expected: signedInOnly('403 second_factor_missing'),
  },
  'GET /factors': { expected: signedInOnly('200') },
  'PATCH /factors/{id}': { expected: ownerAlone('200'), request: json({ name: 'x' }) },
  'DELETE /factors/{id}': { expected: ownerAlone('204') },
  'GET /identities': { expected: signedInOnly('200') },
  'DELETE /identities/{id}': { expected: ownerAlone('204') },

  'POST /notes': { expected: signedInOnly('201'), request: json({ title: 'x' }) },
  'GET /notes': { expected: signedInOnly('200') },
  'GET /notes/{id}': { expected: ownerAlone('200') },
  'PUT /notes/{id}': { expected: ownerAlone('200'), request: json({ title: 'x' }) },
  'PATCH /notes/{id}': { expected: ownerAlone('200'), request: json({ title: 'x' }) },
  'DELETE /notes/{id}': { expected: ownerAlone('204') },

  'GET /admin/users': { expected: adminOnly('200') },
  'POST /admin/users': { expected: adminOnly('201'), request: registration },
  'GET /admin/users/{id}': { expected: adminOnly('200') },
  'PATCH /admin/users/{id}': { expected: adminOnly('200'), request: json({ name: 'Ada' }) },
  'DELETE /admin/users/{id}': { expected: adminOnly('204') },
  'GET /admin/users/{id}/sessions': { expected: adminOnly('200') },
  'DELETE /admin/users/{id}/sessions': { expected: adminOnly('200') },
  'DELETE /admin/users/{id}/sessions/{sid}': { expected: adminOnly('204') },
  'DELETE /admin/users/{id}/lockout': { expected: adminOnly('204') },
  'DELETE /admin/users/{id}/factors': { expected: adminOnly('204') },
  'GET /admin/users/{id}/identities': { expected: adminOnly('200') },
  'DELETE /admin/users/{id}/identities/{identityId}': { expected: adminOnly('204') },
  'POST /admin/users/{id}/reset-mail': { expected: adminOnly('202') },
  'GET /admin/events': { expected: adminOnly('200') },
  'GET /admin/summary': { expected: adminOnly('200') },

  'POST /houses': {
    expected: signedInOnly('201'),
    request: () => ({ payload: aHouse() }),
  },
  'GET /houses': { expected: signedInOnly('200') },
  'GET /houses/{id}': { expected: signedInOnly('200') },
  'PUT /houses/{id}': {
    expected: ownerOrAdmin('200'),
    request: () => ({ payload: aHouse() }),
  },
  'PATCH /houses/{id}': { expected: ownerOrAdmin('200'), request: json({ projectName: 'x' }) },
  'DELETE /houses/{id}': { expected: ownerOrAdmin('204') },
  'GET /houses/{id}/photos': { expected: signedInOnly('200') },
  'POST /houses/{id}/photos': { expected: ownerOrAdmin('201'), request: upload },
  'GET /houses/{id}/photos/{photoId}': { expected: signedInOnly('200') },
  'DELETE /houses/{id}/photos/{photoId}': { expected: ownerOrAdmin('204') },
}

/** The routes that nobody has decided about yet. */
const withoutRow = (routes: string[]) => routes.filter((route) => !(route in MATRIX))

test('the matrix has a row for each route of the server and for nothing else', async () => {
  const routes = routesOf(await shared())

  const vanished = Object.keys(MATRIX).filter((route) => !routes.includes(route))

  const missing = withoutRow(routes)
  assert.deepEqual(
    { missing, vanished },
    { missing: [], vanished: [] },
    `MATRIX in this file says who may do what: add rows for ${missing}; take away those of ${vanished}`,
  )
})

test('a route without a row is seen and named', async () => {
  const app = createServer({ http: { trustProxy: [] }, log: { level: 'silent' } })
  app.get('/livez', async () => ({}))
  app.post('/livez', async () => ({}))
  app.delete('/houses/:id/:planted', async () => ({}))

  await app.ready()

  const missing = withoutRow(routesOf({ app }))

  assert.deepEqual(missing, ['DELETE /houses/{id}/{planted}', 'POST /livez'])
})

test('each route answers each kind of caller as its row says, and a refusal changes nothing', async (t: TestContext) => {
  const server = await shared()
  const routes = new Set(routesOf(server))
  let cast = await castOf(server)

  for (const [route, row] of Object.entries(MATRIX)) {
    if (!routes.has(route)) continue
    await t.test(route, async () => {
      const seen: Record<string, string> = {}
      for (const column of COLUMNS) {
        seen[column] = await tryOut(server, { route, row, column, cast })
      }

      assert.deepEqual(seen, row.expected)
      if (row.ends) cast = await castOf(server)
    })
  }
})

/** The routes that ask for an access token, with ids of nothing in their addresses. */
const guarded = Object.entries(MATRIX)
  .filter(([, { expected }]) => expected.anonymous === '401 unauthenticated')
  // The body of this one says whether it asks for a token.
  .filter(([route]) => route !== 'POST /challenges')
  .map(([route]) => route.replace(/\{\w+\}/g, '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42').split(' '))

test('headers that claim an identity, or another address, open no route', async () => {
  const server = await shared()
  const { user } = await newAdmin(server)
  const headers = {
    ...{
      'x-user-id': user.id,
      'x-user-role': 'admin',
      'x-user': user.username,
      'remote-user': 'admin',
    },
    ...{
      'x-forwarded-user': 'admin',
      'x-auth-request-user': 'admin',
      'x-authenticated-userid': user.id,
    },
    ...{ 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', 'x-original-url': '/livez' },
    ...{
      'x-rewrite-url': '/livez',
      'x-forwarded-prefix': '/livez',
      'x-http-method-override': 'GET',
    },
    ...{
      'x-internal': 'true',
      via: '1.1 gateway',
      cookie: `user=${user.id}; role=admin; sub=${user.id}`,
    },
  }
  const before = statementsOf(server).length

  for (const [method, url] of guarded) {
    const answer = await server.inject({ method: method as 'GET', url: String(url), headers })
    assert.equal(outcomeOf(answer), '401 unauthenticated', `${method} ${url}`)
  }

  assert.ok(guarded.length > 18)
  assert.equal(statementsOf(server).length, before)
})

/**
 * Other ways to write an address, some of which a proxy, a router and a guard may read differently.
 */
const spellings: ((path: string) => string)[] = [
  ...[(path: string) => `/${path}`, (path: string) => `${path}/`, (path: string) => `${path}//`],
  ...[
    (path: string) => `/.${path}`,
    (path: string) => `/x/..${path}`,
    (path: string) => `/livez/..${path}`,
  ],
  ...[(path: string) => `/livez/..;${path}`, (path: string) => `/livez/%2e%2e${path}`],
  ...[
    (path: string) => `${path};x`,
    (path: string) => `${path};/livez`,
    (path: string) => `${path}%2f`,
  ],
  ...[
    (path: string) => `${path}%00`,
    (path: string) => `${path}%20`,
    (path: string) => `${path}%3f`,
  ],
  ...[
    (path: string) => `${path}.json`,
    (path: string) => `${path}/x.css`,
    (path: string) => `${path}%0ax`,
  ],
  ...[(path: string) => `/%${path.charCodeAt(1).toString(16)}${path.slice(2)}`],
  ...[(path: string) => path.toUpperCase(), (path: string) => path.replaceAll('/', '\\')],
  ...[
    (path: string) => `http://evil.example${path}`,
    (path: string) => `http://localhost/livez/..${path}`,
  ],
]

type Seen = { status: number; body: string; cacheControl: string | undefined }

/** Asks over a connection, since the address must arrive as it is written. */
async function askers(t: TestContext, server: TestServer) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  t.after(() => agent.destroy())
  if (!server.app.server.listening) await server.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.app.server.address() as AddressInfo
  return async (method: string, path: string, token?: string): Promise<Seen> => {
    const headers = token === undefined ? {} : bearer(token)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { agent, port, host: '127.0.0.1', method, path, headers }
      httpRequest(options, resolve).on('error', reject).end()
    })
    let body = ''
    for await (const chunk of response) body += chunk
    const { statusCode = 0, headers: seen } = response
    return { status: statusCode, body, cacheControl: seen['cache-control'] }
  }
}

test('no spelling of a protected address gets around the guard', async (t) => {
  // Of its own, so that no cleaner runs meanwhile.
  const server = await startServer(t)
  const ask = await askers(t, server)
  const before = statementsOf(server).length

  for (const [method = '', path = ''] of guarded) {
    const tries = spellings.map(async (spell) => {
      const spelled = spell(path)
      const { status, body } = await ask(method, spelled)
      assert.ok([400, 401, 404, 405].includes(status), `${method} ${spelled}: ${status} ${body}`)
    })
    await Promise.all(tries)
  }

  // Notices of earlier tests are written in the background.
  const sent = statementsOf(server).slice(before)
  assert.deepEqual(
    sent.filter((sql) => !sql.includes('INTO Mail')),
    [],
  )
})

test('an address that looks like a file of somebody shows nothing that a cache could keep', async (t) => {
  const server = await shared()
  const { access_token, username } = await signedUp(server)
  const ask = await askers(t, server)
  const tails = [
    '/x.css',
    '.css',
    ';x.css',
    '%2fx.js',
    '/x.png',
    '%3fx.css',
    '/..%2fx.css',
    '%23x.css',
  ]

  for (const path of ['/me', '/dashboard', '/sessions', '/verify']) {
    for (const tail of tails) {
      const { status, body, cacheControl } = await ask('GET', `${path}${tail}`, access_token)
      // Everything below /verify is the same answer, for gateways; browsers hold no token to ask
      // there.
      const statuses = path === '/verify' ? [200, 404] : [404, 405]
      assert.ok(statuses.includes(status), `${path}${tail}: ${status}`)
      assert.equal(cacheControl, 'no-store')
      assert.ok(!body.includes(username))
    }
    const { body, cacheControl } = await ask('GET', path, access_token)
    assert.equal(cacheControl, 'no-store')
    assert.match(body, /^\{/)
  }
})
