// runs once
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { errorTable } from '../../src/error-table.ts'
import { createServer } from '../../src/http/app.ts'
import { english } from '../../src/languages/languages.ts'
import { tell } from '../../src/languages/text.ts'
import { assertProblem } from '../support/problems.ts'
import { wire } from '../support/wire-server.ts'

for (const kind of errorTable) {
  test(`${kind.code} thrown in a handler is answered whole`, async () => {
    const answer = await wire().inject({ url: `/throws/${kind.code}` })

    const realm = 'Bearer realm="latchkey"'
    const bad = `${realm}, error="invalid_token", error_description="${tell(kind.detail, english)}"`
    const challenges: Record<string, string> = {
      unauthenticated: realm,
      invalid_credentials: realm,
    }
    const due = bad.replace('invalid_token', 'insufficient_user_authentication')
    const other = kind.action === 'step_up' ? due : bad
    const challenge = { 'www-authenticate': challenges[kind.code] ?? other }
    const isLater = kind.status === 429 || kind.status === 503
    const headers = kind.status === 401 ? challenge : isLater ? { 'retry-after': '1' } : undefined
    assertProblem(answer, kind.code, headers === undefined ? {} : { headers })
  })
}

const invalidToken = {
  headers: {
    'www-authenticate':
      'Bearer realm="latchkey", error="invalid_token", error_description="The token is not valid."',
  },
}
const foreign: [what: string, code: string, expected: object][] = [
  ['error', 'internal', {}],
  ['text', 'internal', {}],
  ['nothing', 'internal', {}],
  ['fetched', 'internal', {}],
  ['locked', 'unavailable', { headers: { 'retry-after': '1' } }],
  ['jwt', 'invalid_token', invalidToken],
  ['wrapped', 'invalid_token', invalidToken],
  ['plugin', 'rate_limited', { headers: { 'retry-after': '1' } }],
  ['exposed', 'not_found', {}],
  ['headers', 'csrf_rejected', { detail: 'No.', headers: { vary: 'origin' } }],
]
for (const [what, code, expected] of foreign) {
  test(`an error of a handler (${what}) becomes ${code}, without its message`, async () => {
    assertProblem(await wire().inject({ url: `/throws/${what}` }), code, expected)
  })
}

test('a handler over its time is 503 overloaded, and its result is discarded', async () => {
  const http = { trustProxy: [] }
  const app = createServer({ http, log: { level: 'silent' }, timeouts: { handler: 40 } })
  const gate = new EventEmitter()
  app.get('/slow', async () => {
    await once(gate, 'go on')
    return { late: true }
  })
  app.get('/quick', async () => ({ ok: true }))
  await app.listen({ port: 0 })

  const answer = await app.inject({ url: '/slow' })
  gate.emit('go on')

  assertProblem(answer, 'overloaded', { headers: { 'retry-after': '1' } })
  assert.deepEqual((await app.inject({ url: '/quick' })).json(), { ok: true })
  await app.close()
})
