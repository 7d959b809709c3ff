// runs once
// GET /client.js and its other entries: the client as modules, for pages that have no build.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { bundledPasskeys, bundledProviders, servedClient } from '../support/client-bundle.ts'
import { startServer } from '../support/helper.ts'

const PATHS = ['/client.js', '/client/passkeys.js', '/client/providers.js'] as const
const MOST_BYTES = {
  '/client.js': 6600,
  '/client/passkeys.js': 2100,
  '/client/providers.js': 1700,
}

for (const [url, bundle] of [
  ['/client.js', servedClient],
  ['/client/passkeys.js', bundledPasskeys],
  ['/client/providers.js', bundledProviders],
] as const) {
  test(`GET ${url} answers with the client of the sources, to pages of every origin`, async (t) => {
    const { inject } = await startServer(t, { env: { CORS_ORIGINS: 'https://app.example.com' } })
    const { code } = await bundle()

    for (const origin of [undefined, 'https://app.example.com', 'https://elsewhere.example']) {
      const headers = origin === undefined ? {} : { origin }
      const answer = await inject({ url, headers })

      assert.equal(answer.statusCode, 200)
      assert.equal(answer.body, code)
      assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8')
      assert.equal(answer.headers['access-control-allow-origin'], '*')
      assert.equal(answer.headers['access-control-allow-credentials'], undefined)
      assert.equal(answer.headers['cross-origin-resource-policy'], 'cross-origin')
      assert.match(String(answer.headers['cache-control']), /^public, max-age=\d+$/)
    }
  })
}

test('GET /client.js is 304 for a client that has it, also if a proxy weakened its tag', async (t) => {
  const { inject } = await startServer(t)
  const { headers } = await inject({ url: '/client.js' })
  const tag = String(headers.etag)

  const statuses = []
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*', '"other"']) {
    const answer = await inject({ url: '/client.js', headers: { 'if-none-match': known } })
    statuses.push(answer.statusCode)
  }

  assert.match(tag, /^"[\w-]{22}"$/)
  assert.deepEqual(statuses, [304, 304, 304, 304, 200])
})

test('GET /client.js is compressed for clients that accept that', async (t) => {
  const { inject } = await startServer(t)
  const { code } = await servedClient()

  const answer = await inject({ url: '/client.js', headers: { 'accept-encoding': 'gzip' } })

  assert.equal(answer.headers['content-encoding'], 'gzip')
  assert.match(String(answer.headers.vary), /accept-encoding/)
  assert.equal(gunzipSync(answer.rawPayload).toString(), code)
})

for (const url of PATHS) {
  test(`What GET ${url} answers weighs less than ${MOST_BYTES[url]} bytes, gzipped`, async (t) => {
    const { inject } = await startServer(t)

    const { body } = await inject({ url })

    const bytes = gzipSync(body, { level: 9 }).length
    t.diagnostic(`${url}: ${bytes} bytes gzipped, ${body.length} minified`)
    assert.ok(bytes < MOST_BYTES[url], `${bytes} bytes`)
  })
}
