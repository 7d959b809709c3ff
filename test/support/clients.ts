import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PASSWORD } from './factories.ts'
import { uniqueName } from './helper.ts'
import { clientOf, listeningServer } from './network.ts'

/** What people of these tests change their password to. */
export const NEW_PASSWORD = 'a quite different sentence'

/** Somebody who may register. */
export function newcomer() {
  const username = uniqueName()
  return { username, email: `${username}@example.com`, password: PASSWORD }
}

/** A server and a client on which somebody has just registered. */
export async function signedUpClient(t: TestContext, options: Parameters<typeof clientOf>[1] = {}) {
  const server = await listeningServer(t)
  const client = clientOf(server.baseUrl, options)
  const person = newcomer()
  const user = await client.latchkey.register(person)
  return { server, ...client, person, user }
}

/** Lets both clocks run, so that the access token is due, or over. */
export function wait(
  seconds: number,
  { server, pass }: Awaited<ReturnType<typeof signedUpClient>>,
) {
  server.clock.advance(seconds)
  pass(seconds)
}

/** Until what runs beside the calls has come to its end. */
export async function until(isDone: () => boolean) {
  for (let tries = 0; !isDone() && tries < 200; tries++) await sleep(10)
  assert.ok(isDone(), 'it did not happen within 2 s')
}
