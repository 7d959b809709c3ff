import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startServer } from './helper.ts'
import { assertProblem } from './problems.ts'

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
  assert.equal(headers['access-control-allow-origin'], FRONTEND)
  assert.equal(headers['access-control-allow-credentials'], 'true')
  assert.equal(headers['access-control-max-age'], '600')
  assert.match(String(headers.vary), /origin/i)
  assert.match(String(headers['x-request-id']), /^req-/)
})

const foreign = [
  'https://evil.example',
  'null',
  `${FRONTEND}.evil.example`,
  `${FRONTEND}:8443`,
  'http://app.example.com',
  'HTTPS://APP.EXAMPLE.COM',
]
for (const origin of foreign) {
  test(`a browser at ${origin} is told nothing that lets it read`, async (t) => {
    const { inject } = await server(t)

    const asked = await inject(preflight(origin))
    const failed = await inject({ url: '/me', headers: { origin } })

    assert.equal(asked.headers['access-control-allow-origin'], undefined)
    assert.equal(failed.headers['access-control-allow-origin'], undefined)
    assertProblem(failed, 'unauthenticated')
  })
}

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
