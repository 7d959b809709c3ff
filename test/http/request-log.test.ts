// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { post, wire } from '../support/wire-server.ts'

test('the log has one line for a request, with its route and without its address', async () => {
  const logs: string[] = []
  const app = wire('info', logs)

  await app.inject({ url: '/page?size=canary', headers: { authorization: 'Bearer canary' } })
  await app.inject({ url: '/canary' })
  await app.inject(post({ password: 'canary' }))

  const lines = logs.map((line) => JSON.parse(line))
  const facts = lines.map(({ method, route, status, user, problem, ip, msg }) => {
    return { method, route, status, user, problem, ip, msg }
  })
  const same = { user: 'user-1', ip: '127.0.0.1', msg: 'request' }
  assert.deepEqual(facts, [
    { method: 'GET', route: '/page', status: 400, problem: 'validation_failed', ...same },
    { method: 'GET', route: null, status: 404, problem: 'not_found', ...same },
    { method: 'POST', route: '/things', status: 400, problem: 'validation_failed', ...same },
  ])
  assert.ok(lines.every(({ ms, requestId }) => ms >= 0 && requestId.startsWith('req-')))
  assert.doesNotMatch(logs.join(''), /canary/)
})

test('a server error is logged with its stack and the request id of the response', async () => {
  const logs: string[] = []
  const app = wire('error', logs)

  const answer = await app.inject({ url: '/throws/error' })

  const [line, ...rest] = logs.map((entry) => JSON.parse(entry))
  assert.deepEqual(rest, [])
  assert.equal(line.requestId, answer.json().instance)
  assert.equal(line.code, 'internal')
  assert.equal(line.err.message, 'secret: hunter2')
  assert.match(line.err.stack, /wire-server/)
})

test('secrets that somebody logs by mistake are cut out', async () => {
  const logs: string[] = []
  const app = wire('info', logs)

  app.log.info({
    password: 'canary',
    body: { refresh_token: 'canary', newPassword: 'canary' },
    req: { headers: { authorization: 'canary', cookie: 'canary' } },
  })

  assert.equal(logs.length, 1)
  assert.doesNotMatch(String(logs[0]), /canary/)
})
