import assert from 'node:assert/strict'
import type { ChallengeView } from '../../src/contract/challenge.ts'
import { stepOf, totpAt } from '../../src/features/factors/totp.ts'
import type { UserId } from '../../src/platform/ids.ts'
import { call } from './answers.ts'
import { ORIGIN, PASSWORD, type Person, signedUp } from './factories.ts'
import type { TestServer } from './helper.ts'

/** Somebody with an authenticator app, which was added long ago. */
export type WithApp = Person & { seed: Buffer }

/** Adds an app to an account behind the back of the server: no session ends. */
export async function giveApp(server: TestServer, person: Person): Promise<WithApp> {
  const { seeds, factorStore } = server.services
  const { client } = server.database
  const seed = seeds.newSeed()
  const id = person.user.id as UserId
  await client.$transaction(async (tx) => {
    const secret = seeds.seal(seed, id)
    await factorStore.insert(tx, id, { kind: 'totp', secret, counter: 0n })
    const data = { secondFactor: true, credentialVersion: { increment: 1 } }
    await tx.user.update({ where: { id }, data })
  })
  return { ...person, seed }
}

export async function personWithApp(server: TestServer): Promise<WithApp> {
  return giveApp(server, await signedUp(server))
}

/** What the app shows, now or some steps from now. */
export function shownCode({ clock }: TestServer, { seed }: { seed: Buffer }, steps = 0): string {
  return totpAt(seed, stepOf(clock()) + steps)
}

type Login = { transport?: string; cookie?: string; password?: string }

export function login(server: TestServer, { username }: { username: string }, wish: Login = {}) {
  const { transport, cookie, password = PASSWORD } = wish
  const body = { username, password, ...(transport ? { transport } : {}) }
  return call(server, 'POST /login', body, {
    origin: ORIGIN,
    ...(cookie === undefined ? {} : { cookie }),
  })
}

/** The challenge that an error brings. */
export function challengeIn<View = ChallengeView>(answer: {
  json: () => unknown
  statusCode: number
  body: string
}): View {
  assert.equal(answer.statusCode, 401, answer.body)
  return (answer.json() as { challenge: View }).challenge
}

/** Answers a challenge with the code that the app shows. */
export function answerByApp(
  server: TestServer,
  token: string,
  code: string,
  more: { body?: object; headers?: Record<string, string> } = {},
) {
  const body = { challenge: token, method: 'totp', code, ...more.body }
  return call(server, 'POST /challenges/answer', body, more.headers)
}

/** Signs in with password and app. */
export async function signedInByApp(server: TestServer, person: WithApp, wish: Login = {}) {
  const { token } = challengeIn(await login(server, person, wish))
  const headers = { origin: ORIGIN }
  const answer = await answerByApp(server, token, shownCode(server, person), { headers })
  assert.equal(answer.statusCode, 200, answer.body)
  return answer
}
