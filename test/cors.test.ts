import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { startServer } from './helper.ts'
import { assertProblem } from './problems.ts'
import { assertHeaders, overHttps, standing } from './standing.ts'

const FRONTEND = 'https://app.example.com'

const server = (t: TestContext) => startServer(t, { env: { CORS_ORIGINS: FRONTEND } })
const preflight = (origin: string) => ({
  method: 'OPTIONS' as const,
  url: '/me',
  headers: { origin, 'access-control-request-method': 'GET' },
})

test('a preflight from an allowed origin is answered without a credential', async (t) => {
  const { inject } = await server(t)

  const { statusCode, headers, body } = await inject(preflight(FRONTEND))

  assert.equal(statusCode, 204)
  assert.equal(body, '')
  assertHeaders(
    { headers },
    {
      ...standing,
      vary: 'Origin',
      'access-control-allow-origin': FRONTEND,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        'authorization, content-type, idempotency-key, if-match, if-none-match',
      'access-control-max-age': '600',
    },
  )
  assert.match(String(headers['x-request-id']), /^req-/)
})

const foreign = [
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

    const expected = { 'access-control-allow-origin': undefined, vary: 'Origin' }
    assertHeaders(asked, expected, origin)
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
    { detail: 'This address produces application/json.', headers: shared },
  )
})

test('OPTIONS that is no preflight is 405, and every OPTIONS where no frontend is allowed', async (t) => {
  const { inject } = await server(t)
  const alone = await startServer(t)
  const allow = { headers: { allow: 'GET, HEAD, PATCH, DELETE' } }

  assertProblem(await inject({ method: 'OPTIONS', url: '/me' }), 'method_not_allowed', allow)
  assertProblem(await alone.inject(preflight(FRONTEND)), 'method_not_allowed', allow)
})

/** What a frontend gets with every answer. */
const shared = {
  vary: 'Origin',
  'access-control-allow-origin': FRONTEND,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers':
    'etag, link, location, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id',
}

/** The types of headers know no field that comes twice. */
const twice = (name: string) => Object.fromEntries([[name, ['a', 'b']]])

test('a frontend can read the refusals that come before everything else', async (t) => {
  const { inject } = await server(t)
  const headers = { origin: FRONTEND }
  const refusals: [code: string, detail: string | undefined, request: InjectOptions][] = [
    ['malformed_request', 'The path is not valid percent-encoded UTF-8.', { url: '/houses/%ff' }],
    ['malformed_request', 'The header host comes twice.', { headers: twice('host') }],
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

    assertProblem(answer, code, { ...(detail ? { detail } : {}), headers: shared })
    assertHeaders(foreign, { vary: 'Origin', 'access-control-allow-origin': undefined })
  }
})

test('every address has the standing headers and Vary, the reference and redirects too', async (t) => {
  const env = { CORS_ORIGINS: FRONTEND, PUBLIC_URL: 'https://api.example.com' }
  const { inject } = await startServer(t, { env })
  const page = await inject({ url: '/docs' })
  const [file = ''] = /\/docs\/static\/[\w-]+\.js/.exec(page.body) ?? []
  const own = ['content-security-policy', 'cache-control', 'vary']
  const everywhere = Object.fromEntries(
    Object.entries({ ...standing, ...overHttps }).filter(([name]) => !own.includes(name)),
  )

  for (const url of [
    '/',
    '/livez',
    '/openapi.json',
    '/problems',
    '/.well-known/jwks.json',
    '/docs',
    file,
  ]) {
    const answer = await inject({ url, headers: { accept: '*/*', origin: FRONTEND } })
    const { vary, ...others } = shared

    assert.ok(answer.statusCode < 400, `${url}: ${answer.body}`)
    assertHeaders(answer, { ...everywhere, ...others }, url)
    assert.match(String(answer.headers.vary), new RegExp(`^${vary}(, accept)?$`), url)
    assert.match(String(answer.headers['content-security-policy']), /^default-src 'none';/, url)
  }
})
