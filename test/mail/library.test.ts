// runs once
// The library that speaks SMTP takes its time and memory only where mails are sent.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freshDatabase } from '../support/helper.ts'
import { call, startProcess } from '../support/process.ts'
import { startRelay } from '../support/relay.ts'
import { QUIET } from '../support/resets.ts'
import { codeOf, registered } from '../support/server-processes.ts'
import { until } from '../support/until.ts'

/** Prints at a signal how many scripts there are, and how many of them are of nodemailer. */
const TELL = `const { Session } = require('node:inspector')
const scripts = []
const session = new Session()
session.connect()
session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params.url))
session.post('Debugger.enable')
process.on('SIGCONT', () => {
  const own = scripts.filter((url) => url.includes('/node_modules/nodemailer/'))
  console.log('scripts ' + scripts.length + ', of the mailer ' + own.length)
})`

async function telling(t: TestContext, url: string, relay: string) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-modules-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'tell.cjs')
  writeFileSync(file, TELL)
  const env = { ...QUIET, SMTP_URL: relay, NODE_OPTIONS: `--require ${file}` }
  const server = await startProcess(t, { url, env })
  let times = 0
  /** How many scripts of the library are loaded. */
  async function ofMailer(): Promise<number> {
    process.kill(server.pid, 'SIGCONT')
    times++
    const told = () => [...server.output().matchAll(/scripts (\d+), of the mailer (\d+)/g)]
    await until(() => told().length === times)
    const [, all, own] = told().at(-1) ?? []
    assert.ok(Number(all) > 100, `${all} scripts`)
    return Number(own)
  }
  return { server, ofMailer }
}

test('nodemailer is loaded with the first mail, and not by requests without one', async (t) => {
  const relay = await startRelay(t)
  const { server, ofMailer } = await telling(t, await freshDatabase(t), relay.url)
  const { username, access_token: token } = await registered(server)
  const reset = (login: string) =>
    call(server, 'POST', '/challenges', { body: { purpose: 'reset_password', login } })

  const seen = [codeOf(await call(server, 'GET', '/me', { token })), codeOf(await reset('nobody'))]
  const without = await ofMailer()
  await reset(username)
  await until(() => relay.taken.length === 1)
  const withMail = await ofMailer()

  assert.deepEqual(seen, ['200', '201'])
  assert.equal(without, 0)
  assert.ok(withMail > 0)
})
