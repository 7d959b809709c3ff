import assert from 'node:assert/strict'
import { type Opened, PASSWORD } from './factories.ts'
import { uniqueName } from './helper.ts'
import { type Answer, call, type ServerProcess } from './process.ts'

export const GIVE_UP_MS = 15_000
export const NEW_PASSWORD = 'another horse, another battery'

export type Registered = Opened & { username: string }

export async function registered(server: ServerProcess): Promise<Registered> {
  const username = uniqueName()
  const body = { username, email: `${uniqueName('mail')}@example.com`, password: PASSWORD }
  const answer = await call(server, 'POST', '/register', { body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return { ...(answer.body as Opened), username }
}

export async function loggedIn(server: ServerProcess, { username }: Registered): Promise<Opened> {
  const answer = await call(server, 'POST', '/login', { body: { username, password: PASSWORD } })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body as Opened
}

export const verify = (server: ServerProcess, { access_token: token }: Opened) =>
  call(server, 'GET', '/verify', { token })

export function codeOf({ status, body }: Answer): string {
  return status < 400 ? String(status) : `${status} ${(body as { code: string }).code}`
}
