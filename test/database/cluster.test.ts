import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '../support/answers.ts'
import { isMysql } from '../support/databases.ts'
import { bearer, type Opened, PASSWORD, signedUp } from '../support/factories.ts'
import { skipWithoutGalera, startCluster } from '../support/galera.ts'
import { startServer, type TestServer } from '../support/helper.ts'

const WHAT = 'no session outlives the old password on a cluster with several writers'
const ROUNDS = 60
const NEW_PASSWORD = 'another horse, another battery'

test(WHAT, { skip: !isMysql || skipWithoutGalera(WHAT) }, async (t) => {
  const [first, second = first] = await startCluster(t, 2)
  const env = { RATE_LIMITS: 'off' }
  const one = await startServer(t, { url: first.url, env })
  const other = await startServer(t, { url: second.url, env })
  let opened = 0

  for (let round = 0; round < ROUNDS; round++) {
    const person = await signedUp(one)
    const attack = signInsUntilStopped(other, person.user.username)
    await sleep(20 * Math.random())
    const passwords = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
    const changed = await call(one, 'PUT /password', passwords, bearer(person.access_token))
    const sessions = await attack.stop()

    // A change that met too many sign-ins is answered with 503, and nothing has changed.
    if (changed.statusCode === 503) continue
    assert.equal(changed.statusCode, 200, changed.body)
    for (const { refresh_token } of sessions) {
      const { statusCode } = await call(one, 'POST /refresh', { refresh_token })
      assert.equal(statusCode, 401, 'a session of the old password goes on')
    }
    opened += sessions.length
  }

  t.diagnostic(`${opened} sessions were opened with the old password`)
  assert.ok(opened > ROUNDS / 2, 'nobody signed in meanwhile, so nothing was tried')
})

/** Signs in again and again with the old password, two at a time. */
function signInsUntilStopped(server: TestServer, username: string) {
  const sessions: Opened[] = []
  let isStopped = false
  const attack = async () => {
    while (!isStopped) {
      await sleep(30 * Math.random())
      const answer = await call(server, 'POST /login', { username, password: PASSWORD })
      assert.ok(answer.statusCode < 500 || answer.statusCode === 503, answer.body)
      if (answer.statusCode === 200) sessions.push(answer.json())
    }
  }
  const attacks = [attack(), attack()]
  const stop = async () => {
    await sleep(100)
    isStopped = true
    await Promise.all(attacks)
    return sessions
  }
  return { stop }
}
