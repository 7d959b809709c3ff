// runs once What is large and the same for everybody is sent compressed: the document and the files
// of its page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { startServer } from '../support/helper.ts'

const addresses = [
  '/openapi.json',
  '/openapi.yaml',
  '/docs/json',
  '/docs/static/swagger-ui-bundle.js',
]
const codings: [string | undefined, string | undefined][] = [
  ['gzip, deflate, br, zstd', 'br'],
  ['br;q=0.5, gzip', 'gzip'],
  ['gzip', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['identity', undefined],
  ['zstd', undefined],
  ['', undefined],
  [undefined, undefined],
]
const decoders: Record<string, (body: Buffer) => Buffer> = {
  br: (body) => brotliDecompressSync(body),
  gzip: (body) => gunzipSync(body),
  undefined: (body) => body,
}

for (const url of addresses) {
  test(`GET ${url} is compressed as Accept-Encoding asks, with an ETag for each coding`, async (t) => {
    const { inject } = await startServer(t)
    const plain = await inject({ url })
    const tags = new Map<string, Set<string>>()

    for (const [accepted, coding] of codings) {
      const headers = accepted === undefined ? {} : { 'accept-encoding': accepted }
      const answer = await inject({ url, headers })
      const head = await inject({ method: 'HEAD', url, headers })
      const etag = String(answer.headers.etag)
      const again = await inject({
        url,
        headers: { ...headers, 'if-none-match': `"x", W/${etag}` },
      })

      assert.equal(answer.statusCode, 200)
      assert.equal(answer.headers['content-encoding'], coding, accepted)
      assert.match(String(answer.headers.vary), /accept-encoding/)
      assert.equal(answer.headers['content-type'], plain.headers['content-type'])
      const name = String(coding)
      assert.ok(decoders[name]?.(answer.rawPayload).equals(plain.rawPayload), accepted)
      tags.set(name, (tags.get(name) ?? new Set()).add(etag))
      assert.deepEqual([head.statusCode, head.body], [200, ''])
      for (const field of ['etag', 'content-encoding', 'content-length', 'vary']) {
        assert.equal(head.headers[field], answer.headers[field], field)
      }
      assert.deepEqual([again.statusCode, again.body], [304, ''])
      assert.equal(again.headers.etag, etag)
    }
    const all = [...tags.values()].flatMap((each) => [...each])
    assert.deepEqual([tags.size, all.length, new Set(all).size], [3, 3, 3])
  })
}
