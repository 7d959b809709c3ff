import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { createServer } from '../../src/http/app.ts'
import { answerPreflights } from '../../src/http/headers/cors.ts'
import { call } from '../support/answers.ts'
import { assertHeaders, defaultHeaders, overHttps, spoken } from '../support/default-headers.ts'
import { bearer, PASSWORD, signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { aHouse } from '../support/houses.ts'
import { assertProblem } from '../support/problems.ts'

const FRONTEND = 'https://app.example.com'

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.example.com',
  SECRET: 'q3Vt8LzXw0pKf7RbN2mYc5HsJd9GaU4eTi6ZoQx1',
  ...{ ARGON2_MEMORY_KIB: '7168', ARGON2_TIME: '5' },
}

const server = (t: TestContext) => startServer(t, { env: { CORS_ORIGINS: FRONTEND } })
const preflight = (origin: string, wanted?: string, url = '/me') => ({
  method: 'OPTIONS' as const,
  url,
  headers: {
    origin,
    'access-control-request-method': 'GET',
    ...(wanted === undefined ? {} : { 'access-control-request-headers': wanted }),
  },
})

test('a preflight from an allowed origin is answered without a credential', async (t) => {
  const { inject } = await server(t)

  const answer = await inject(preflight(FRONTEND, 'authorization,content-type'))
  const { statusCode, headers, body } = answer

  assert.equal(statusCode, 204)
  assert.equal(body, '')
  assertHeaders(
    { headers },
    {
      ...defaultHeaders,
      'access-control-allow-origin': FRONTEND,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '600',
    },
  )
  assert.match(String(headers['x-request-id']), /^req-/)
})

const wishes: [what: string, wanted: string | undefined, granted: string | undefined][] = [
  ['no header', undefined, undefined],
  ['what the API reads', 'authorization,idempotency-key', 'authorization, idempotency-key'],
  ['tracing', 'baggage,sentry-trace,traceparent', 'baggage, sentry-trace, traceparent'],
  ['a name that nobody knows', 'x-acme-1', 'x-acme-1'],
  ['every sign of a name', "!#$%&'*+-.^_`|~x1", "!#$%&'*+-.^_`|~x1"],
  ['upper case and spaces', ' X-A ,\tX-B', 'X-A, X-B'],
  ['what is no name', 'x-a,,x b,"x",x:y,\u00e9,(x),x-c', 'x-a, x-c'],
  ['nothing that is a name', ', ,', ''],
  ['as many as a request has', numbered(100).join(), numbered(100).join(', ')],
  ['more than a request has', numbered(101).join(), numbered(100).join(', ')],
]

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `x-${index}`)
}

for (const [what, wanted, granted] of wishes) {
  test(`a preflight that asks for ${what} is granted it`, async (t) => {
    const { inject } = await server(t)

    const answer = await inject(preflight(FRONTEND, wanted))

    assert.equal(answer.statusCode, 204)
    assertHeaders(answer, { 'access-control-allow-headers': granted })
  })
}

const local = [
  'http://localhost:5173',
  'http://localhost:3000',
  'http://localhost:1',
  'http://localhost:65535',
  'http://localhost',
  'http://127.0.0.1:5173',
  'http://127.0.0.1',
]

test('outside production every port of localhost and 127.0.0.1 is an allowed origin', async (t) => {
  const { inject } = await startServer(t)

  for (const origin of local) {
    const expected = {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    }
    const asked = await inject(preflight(origin, 'traceparent'))
    const failed = await inject({ url: '/me', headers: { origin } })

    assert.equal(asked.statusCode, 204, origin)
    assertHeaders(asked, { ...expected, 'access-control-allow-headers': 'traceparent' }, origin)
    assertHeaders(failed, { ...expected, ...spoken }, origin)
  }
})

test('in production localhost is an origin like any other', async (t) => {
  const listed = 'http://localhost:5173'
  const { inject } = await startServer(t, { env: { ...PRODUCTION, CORS_ORIGINS: listed } })

  for (const origin of local) {
    const shown = origin === listed ? origin : undefined
    const answer = await inject({ url: '/me', headers: { origin } })
    assertHeaders(answer, { 'access-control-allow-origin': shown }, origin)
  }
})

const ALLOW = 'GET, HEAD, PATCH, DELETE'

const foreign = [
  'https://localhost:5173',
  'http://localhost:5173.evil.example',
  'http://localhost.evil.example:5173',
  'http://evil.example#http://localhost:5173',
  'http://app.localhost:5173',
  'http://evil-localhost:5173',
  'http://localhost:',
  'http://localhost:x',
  'http://localhost:5173/',
  'http://127.0.0.2:5173',
  'http://127x0x0x1:5173',
  'http://[::1]:5173',
  'HTTP://LOCALHOST:5173',
  'https://evil.example',
  'null',
  '*',
  'https://evilapp.example.com',
  'https://example.com',
  'https://a.app.example.com',
  `${FRONTEND}.evil.example`,
  `${FRONTEND}/`,
  `${FRONTEND}, ${FRONTEND}`,
  `${FRONTEND}:8443`,
  'http://app.example.com',
  'HTTPS://APP.EXAMPLE.COM',
]
test('a browser at any other origin is told nothing that lets it read', async (t) => {
  const { inject } = await server(t)

  for (const origin of foreign) {
    const asked = await inject(preflight(origin))
    const failed = await inject({ url: '/me', headers: { origin } })

    const expected = { 'access-control-allow-origin': undefined, ...spoken }
    assertProblem(asked, 'method_not_allowed', { headers: { allow: ALLOW } })
    assertHeaders(asked, { ...expected, 'access-control-allow-headers': undefined }, origin)
    assertHeaders(failed, expected, origin)
    assertProblem(failed, 'unauthenticated')
  }
})

test('a frontend can read every failure, also where there is no route', async (t) => {
  const { inject } = await server(t)
  const headers = { origin: FRONTEND }
  const shared = { 'access-control-allow-origin': FRONTEND }

  assertProblem(await inject({ url: '/me', headers }), 'unauthenticated', { headers: shared })
  assertProblem(await inject({ url: '/nowhere', headers }), 'not_found', { headers: shared })
  assertProblem(await inject({ method: 'PUT', url: '/me', headers }), 'method_not_allowed', {
    headers: { ...shared, allow: 'GET, HEAD, PATCH, DELETE' },
  })
  assertProblem(
    await inject({ url: '/livez', headers: { ...headers, accept: 'image/png' } }),
    'not_acceptable',
    { detail: 'This path sends application/json.', headers: shared },
  )
})

test('OPTIONS that is not a preflight is 405, and so is every OPTIONS if no frontend is allowed', async (t) => {
  const { inject } = await server(t)
  const alone = await startServer(t, { env: PRODUCTION })
  const allow = { headers: { allow: ALLOW } }

  assertProblem(await inject({ method: 'OPTIONS', url: '/me' }), 'method_not_allowed', allow)
  assertProblem(await alone.inject(preflight(FRONTEND)), 'method_not_allowed', allow)
})

/** What a frontend gets with every answer. */
const shared = {
  vary: 'Origin',
  'access-control-allow-origin': FRONTEND,
  'access-control-allow-credentials': 'true',
}

/** What scripts of every origin may read, and what speaks of the connection or of CORS itself. */
const NOT_OURS =
  /^(cache-control|content-(type|length|language)|expires|last-modified|pragma|connection|keep-alive|transfer-encoding|set-cookie|access-control-.*)$/

/** The headers that an answer shows by name to a page of another origin. */
function shownBy({ headers }: LightMyRequestResponse): string[] {
  return String(headers['access-control-expose-headers']).split(', ')
}

test('a frontend can read every header of every answer', async (t) => {
  const env = { CORS_ORIGINS: FRONTEND, PUBLIC_URL: 'https://api.example.com' }
  const own = await startServer(t, { env })
  const { access_token } = await signedUp(own)
  const headers = { ...bearer(access_token), origin: FRONTEND }
  const send = (line: string, payload?: object, more = {}) =>
    call(own, line, payload, { ...headers, ...more })
  const house = (await send('POST /houses', aHouse())).json<{ id: string }>()
  const answers = [
    await send('POST /houses', aHouse()),
    await send('GET /houses?size=1'),
    await send(`GET /houses/${house.id}`),
    await send(`GET /houses/${house.id}`, undefined, { 'if-none-match': '"1"' }),
    await send('GET /verify'),
    await send('DELETE /verify'),
    await send('GET /me', undefined, bearer('x.y.z')),
    await send('GET /docs'),
    await send('GET /problems'),
    await send('GET /openapi.json'),
    await send('POST /register', {}),
    await send('POST /register', { transport: 'cookie' }),
    await send('GET /'),
  ]
  for (let attempt = 0; answers.at(-1)?.statusCode !== 429 && attempt < 200; attempt++) {
    answers.push(await send('POST /login', { username: 'nobody', password: PASSWORD }))
  }

  assert.equal(answers.at(-1)?.statusCode, 429)
  for (const answer of answers) {
    const ours = Object.keys(answer.headers).filter((name) => !NOT_OURS.test(name))
    assert.deepEqual(
      ours.filter((name) => !shownBy(answer).includes(name)),
      [],
    )
  }
})

test('a frontend can read every header that the reference names', async (t) => {
  const own = await server(t)
  const answer = await own.inject({ url: '/openapi.json', headers: { origin: FRONTEND } })
  const all = new Set<string>()
  // Whatever has headers by name is an answer: of an operation, or shared by several.
  JSON.stringify(answer.json(), (_key, value) => {
    const isAnswer = typeof value?.description === 'string' && value.headers !== undefined
    if (isAnswer) for (const name of Object.keys(value.headers)) all.add(name)
    return value
  })

  for (const name of ['Retry-After', 'Location', 'X-Request-Id']) assert.ok(all.has(name), name)
  for (const name of all) {
    const isOurs = !NOT_OURS.test(name.toLowerCase())
    assert.equal(isOurs && !shownBy(answer).includes(name.toLowerCase()), false, name)
  }
})

const everyone = {
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': undefined,
  'access-control-expose-headers': '*',
}

for (const [mode, env] of [
  ['development', { CORS_ORIGINS: FRONTEND }],
  ['production', PRODUCTION],
] as const) {
  test(`/.well-known/* is public to every origin in ${mode}, with its preflights and errors`, async (t) => {
    const { inject } = await startServer(t, { env })
    const url = '/.well-known/jwks.json'

    for (const origin of [FRONTEND, 'https://evil.example', 'http://localhost:5173', 'null']) {
      const headers = { origin }
      const wanted = await inject(preflight(origin, 'traceparent', url))
      const answers = [
        await inject({ url, headers }),
        await inject({ method: 'HEAD', url, headers }),
        await inject({ url, headers: { ...headers, accept: 'image/png' } }),
        await inject({ method: 'POST', url, headers }),
        await inject({ url: '/.well-known/nothing', headers }),
        await inject({ url: `/.well-known/%ff`, headers }),
        wanted,
      ]

      for (const answer of answers) assertHeaders(answer, everyone, origin)
      assert.deepEqual(
        answers.map(({ statusCode }) => statusCode),
        [200, 200, 406, 405, 404, 400, 204],
      )
      assertHeaders(wanted, { 'access-control-allow-headers': 'traceparent' })
    }
    // A cache may hand it on to a page.
    assertHeaders(await inject({ url }), everyone)
  })
}

test('a route can be public to every origin, however its address is written', async () => {
  const app = createServer({
    http: { trustProxy: [] },
    browsers: { isAllowed: (origin) => origin === FRONTEND },
    log: { level: 'silent' },
  })
  answerPreflights(app)
  app.get('/open.js', { config: { publicToAllOrigins: true } }, async () => 'open')
  app.get('/shut', async () => ({}))

  for (const origin of [FRONTEND, 'https://evil.example']) {
    const headers = { origin }
    const answers = [
      await app.inject({ url: '/open.js', headers }),
      await app.inject({ url: '/%6fpen.js', headers }),
      await app.inject({ method: 'DELETE', url: '/open.js', headers }),
      await app.inject(preflight(origin, 'x-any', '/open.js?v=1')),
    ]
    for (const answer of answers) assertHeaders(answer, everyone, origin)
  }
  const shut = await app.inject({ url: '/shut', headers: { origin: 'https://evil.example' } })
  assertHeaders(await app.inject({ url: '/open.js' }), everyone)
  assertHeaders(shut, { 'access-control-allow-origin': undefined })
})

/** The types of headers know no field that comes twice. */
const twice = (name: string) => Object.fromEntries([[name, ['a', 'b']]])

test('a frontend can read the refusals that come before everything else', async (t) => {
  const { inject } = await server(t)
  const headers = { origin: FRONTEND }
  const refusals: [code: string, detail: string | undefined, request: InjectOptions][] = [
    ['malformed_request', 'The path is not valid percent-encoded UTF-8.', { url: '/houses/%ff' }],
    ['malformed_request', 'The header host was sent twice.', { headers: twice('host') }],
    ['uri_too_long', undefined, { url: `/${'a'.repeat(8192)}` }],
    ['not_found', undefined, { url: `/houses/${'a'.repeat(500)}` }],
    ['method_not_allowed', undefined, { method: 'OPTIONS', url: '/livez' }],
  ]

  for (const [code, detail, request] of refusals) {
    const answer = await inject({
      url: '/livez',
      ...request,
      headers: { ...headers, ...request.headers },
    })
    const foreign = await inject({
      ...{ url: '/livez', ...request },
      headers: { ...request.headers, origin: `${FRONTEND}.evil.example` },
    })

    assertProblem(answer, code, {
      ...(detail ? { detail } : {}),
      headers: { ...shared, ...spoken },
    })
    assertHeaders(foreign, { ...spoken, 'access-control-allow-origin': undefined })
  }
})

test('every address has the default headers and Vary, the reference and redirects too', async (t) => {
  const env = { CORS_ORIGINS: FRONTEND, PUBLIC_URL: 'https://api.example.com' }
  const { inject } = await startServer(t, { env })
  const file = '/docs/static/swagger-initializer.js'
  const own = ['content-security-policy', 'cache-control', 'vary']
  const everywhere = Object.fromEntries(
    Object.entries({ ...defaultHeaders, ...overHttps }).filter(([name]) => !own.includes(name)),
  )

  for (const url of ['/', '/livez', '/openapi.json', '/problems', '/docs', file]) {
    const answer = await inject({ url, headers: { accept: '*/*', origin: FRONTEND } })
    const { vary, ...others } = shared

    assert.ok(answer.statusCode < 400, `${url}: ${answer.body}`)
    assertHeaders(answer, { ...everywhere, ...others }, url)
    assert.match(
      String(answer.headers.vary),
      new RegExp(`^${vary}(, Accept-Language)?(, accept)?(, accept-encoding)?$`),
      url,
    )
    assert.match(String(answer.headers['content-security-policy']), /^default-src 'none';/, url)
  }
})
