import assert from 'node:assert/strict'
import { call } from './answers.ts'
import { DEVICE_COOKIE, PASSWORD, signedUp } from './factories.ts'
import type { TestServer } from './helper.ts'
import { assertProblem } from './problems.ts'

export const WRONG = 'not the password at all'
export const OFF = { RATE_LIMITS: 'off' }
export const [PAUSE, DAY] = [15 * 60, 86_400]

type Named = { username: string }

/** Tries to sign in, from a device that shows this cookie or none. */
export function attempt(
  server: TestServer,
  { username }: Named,
  password: string,
  device?: string,
) {
  const headers = device === undefined ? {} : { cookie: `${DEVICE_COOKIE}=${device}` }
  return call(server, 'POST /login', { username, password }, headers)
}

export async function fail(server: TestServer, person: Named, times: number, device?: string) {
  for (let time = 0; time < times; time++) {
    assertProblem(await attempt(server, person, WRONG, device), 'invalid_credentials')
  }
}

/** Fails so often that unknown devices are shut out, waiting for each pause to be over. */
export async function shutOut(server: TestServer, person: Named, device?: string, times = 100) {
  for (let failures = 0; failures < times; failures += 10) {
    await fail(server, person, 10, device)
    server.clock.advance(PAUSE)
  }
}

/** What the device keeps of a sign-in. */
export function deviceCookie(response: { cookies: { name: string; value: string }[] }): string {
  const value = response.cookies.find(({ name }) => name === DEVICE_COOKIE)?.value
  assert.ok(value, 'the answer sets the device cookie')
  return value
}

/** Somebody with an account and the cookie of a device that has signed in to it. */
export async function withDevice(server: TestServer) {
  const person = await signedUp(server)
  const device = deviceCookie(await attempt(server, person, PASSWORD))
  return { person, device }
}
