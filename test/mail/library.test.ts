// runs once
// The library that speaks SMTP takes its time and memory only where mails are sent.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '../support/helper.ts'
import { startTelling } from '../support/loaded-scripts.ts'
import { call } from '../support/process.ts'
import { startRelay } from '../support/relay.ts'
import { QUIET } from '../support/resets.ts'
import { codeOf, registered } from '../support/server-processes.ts'
import { until } from '../support/until.ts'

test('nodemailer is loaded with the first mail, and not by requests without one', async (t) => {
  const relay = await startRelay(t)
  const { server, loaded } = await startTelling(t, {
    ...{ url: await freshDatabase(t), packages: ['nodemailer/'] },
    env: { ...QUIET, SMTP_URL: relay.url },
  })
  const { username, access_token: token } = await registered(server)
  const reset = (login: string) =>
    call(server, 'POST', '/challenges', { body: { purpose: 'reset_password', login } })

  const seen = [codeOf(await call(server, 'GET', '/me', { token })), codeOf(await reset('nobody'))]
  const without = await loaded()
  await reset(username)
  await until(() => relay.taken.length === 1)
  const withMail = await loaded()

  assert.deepEqual(seen, ['200', '201'])
  assert.equal(without['nodemailer/'], 0)
  assert.ok(withMail['nodemailer/'] > 0)
})
