import assert from 'node:assert/strict'
import { call } from './answers.ts'
import { bearer, type Person } from './factories.ts'
import type { TestServer } from './helper.ts'

export const patch = (server: TestServer, person: Person, body: object) =>
  call(server, 'PATCH /me', body, bearer(person.access_token))

/** What GET /me shows now, compared with the whole answer of a change. */
export async function assertNow(server: TestServer, { access_token }: Person, user: object) {
  const response = await call(server, 'GET /me', undefined, bearer(access_token))
  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), user)
}
