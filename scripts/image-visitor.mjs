// Asks a fresh server what its first user would ask: /readyz, /register, /login and /me.
// scripts/image-dry-run starts the server. Ends with exit code 1 at the first answer that is another.
import assert from 'node:assert/strict'

const [, , base] = process.argv
const username = 'first-visitor'
const password = 'correct horse, battery staple'

await expectStatus(200, 'GET', '/readyz')
await expectStatus(200, 'GET', '/livez')
await expectStatus(201, 'POST', '/register', { username, password, email: 'visitor@example.com' })
const { access_token: token } = await expectStatus(200, 'POST', '/login', { username, password })
const me = await expectStatus(200, 'GET', '/me', undefined, token)
assert.equal(me.username, username)
await expectStatus(401, 'GET', '/me')

async function expectStatus(status, method, path, body, token) {
  const headers = {
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  }
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) })
  const text = await answer.text()
  assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text)
}
