import assert from 'node:assert/strict'
import type { Static } from 'typebox'
import type { RefreshedSessionBody, SessionBody } from '../../src/contract/session.ts'
import { type TestServer, uniqueName } from './helper.ts'

export const PASSWORD = 'correct horse battery staple'
export const ORIGIN = 'http://localhost:3000'
/** The names at http://localhost, where nearly all tests are. */
export const REFRESH_COOKIE = 'latchkey-refresh'
export const DEVICE_COOKIE = 'latchkey-device'

export type Opened = Static<typeof SessionBody> & { refreshed?: string }
export type Refreshed = Static<typeof RefreshedSessionBody>
export type Person = Opened & { username: string; email: string; cookie: string | undefined }

type Wish = { username?: string; email?: string; transport?: 'body' | 'cookie' }

/** Somebody who has just registered, in either transport. */
export async function signedUp(server: TestServer, wish: Wish = {}): Promise<Person> {
  const { username = uniqueName(), transport } = wish
  const email = wish.email ?? `${uniqueName('mail')}@example.com`
  const response = await server.inject({
    method: 'POST',
    url: '/register',
    headers: { origin: ORIGIN },
    payload: { username, email, password: PASSWORD, ...(transport ? { transport } : {}) },
  })
  assert.equal(response.statusCode, 201, response.body)
  await server.services.audit.written()
  return { ...response.json<Opened>(), username, email, cookie: cookieOf(response) }
}

/** A further session of the same person. */
export async function signedIn(
  server: TestServer,
  person: Pick<Person, 'username'>,
  wish: Wish = {},
) {
  const { transport } = wish
  const response = await server.inject({
    method: 'POST',
    url: '/login',
    headers: { origin: ORIGIN },
    payload: {
      username: person.username,
      password: PASSWORD,
      ...(transport ? { transport } : {}),
    },
  })
  assert.equal(response.statusCode, 200, response.body)
  return { ...response.json<Opened>(), cookie: cookieOf(response) }
}

export function bearer(token: string | undefined) {
  return { authorization: `Bearer ${token}` }
}

/** The value of the refresh cookie that a response sets, or undefined. */
export function cookieOf(response: { cookies: { name: string; value: string }[] }) {
  return response.cookies.find(({ name }) => name === REFRESH_COOKIE)?.value
}

export function refresh(
  server: TestServer,
  token: string | undefined,
  headers: Record<string, string> = {},
) {
  return server.inject({
    method: 'POST',
    url: '/refresh',
    headers,
    payload: { refresh_token: token },
  })
}
